// statistics.json: how long the documents of a corpus are, how finely the tokenizer cuts them, and
// how often each token occurs. For people alone.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

class TextStatistics {
 public:
  static constexpr const char* kFileName = "statistics.json";
  // Documents of 2^k to 2^(k+1) - 1 tokens; the last: all above.
  static constexpr std::size_t kLengths = 24;
  // Documents of 1 + k/10 to 1 + (k+1)/10 tokens a word; the first: all below; the last: all above.
  static constexpr std::size_t kFertilities = 31;

  explicit TextStatistics(std::int64_t vocab_size = 0)
      : token_counts_(static_cast<std::size_t>(vocab_size)) {}

  // A document that stays, and its tokens, at least one, without those around it. Words are what
  // stands between white space.
  void add(std::string_view text, std::span<const tokenizer::TokenId> tokens);
  // Of the same vocabulary, or of none and without documents.
  TextStatistics& operator+=(const TextStatistics& other);

  [[nodiscard]] const std::array<std::int64_t, kLengths>& lengths() const { return lengths_; }
  [[nodiscard]] const std::array<std::int64_t, kFertilities>& fertilities() const {
    return fertilities_;
  }
  [[nodiscard]] const std::vector<std::int64_t>& token_counts() const { return token_counts_; }
  // Tokens of the vocabulary that occur so often or more.
  [[nodiscard]] std::int64_t tokens_that_occur(std::int64_t times) const;

  // As numbers in a row, and back. Throws Error{kInternal} for a row of another length.
  [[nodiscard]] std::vector<std::int64_t> to_numbers() const;
  [[nodiscard]] static TextStatistics from_numbers(std::span<const std::int64_t> numbers);

  // Durably, and whole or not at all.
  void write(const std::filesystem::path& folder) const;
  // Throws Error{kData} unless the file is there and sound.
  [[nodiscard]] static TextStatistics read_from(const std::filesystem::path& folder);
  bool operator==(const TextStatistics&) const = default;

 private:
  std::array<std::int64_t, kLengths> lengths_{};
  std::array<std::int64_t, kFertilities> fertilities_{};
  std::vector<std::int64_t> token_counts_;  // by id
};

}  // namespace cram::corpus
