#include "cram/corpus/text_statistics.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::corpus {
namespace {

using nlohmann::json;

bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// At least 1, so that text of other scripts' spaces counts as a word.
std::size_t count_words(std::string_view text) {
  std::size_t words = text.empty() || is_white(text[0]) ? 0 : 1;
  for (std::size_t at = 1; at < text.size(); ++at) {
    words += static_cast<std::size_t>(is_white(text[at - 1]) & !is_white(text[at]));
  }
  return std::max<std::size_t>(words, 1);
}

template <class Counts>
void add_to(Counts& counts, const Counts& more) {
  std::transform(more.begin(), more.end(), counts.begin(), counts.begin(), std::plus<>());
}

template <std::size_t size>
void read_histogram(const json& list, std::array<std::int64_t, size>& histogram) {
  if (list.size() != size) throw std::domain_error("a histogram of another length");
  histogram = list.get<std::array<std::int64_t, size>>();
}

}  // namespace

void TextStatistics::add(std::string_view text, std::span<const tokenizer::TokenId> tokens) {
  const auto length = static_cast<std::size_t>(std::bit_width(tokens.size())) - 1;
  ++lengths_[std::min(length, kLengths - 1)];
  const std::size_t words = count_words(text);
  const std::size_t tenths = 10 * tokens.size() / words;
  ++fertilities_[std::min(tenths < 10 ? 0 : tenths - 10, kFertilities - 1)];
  for (const tokenizer::TokenId token : tokens) ++token_counts_[token];
}

TextStatistics& TextStatistics::operator+=(const TextStatistics& other) {
  add_to(lengths_, other.lengths_);
  add_to(fertilities_, other.fertilities_);
  token_counts_.resize(std::max(token_counts_.size(), other.token_counts_.size()));
  add_to(token_counts_, other.token_counts_);
  return *this;
}

std::vector<std::int64_t> TextStatistics::to_numbers() const {
  std::vector<std::int64_t> numbers(lengths_.begin(), lengths_.end());
  numbers.insert(numbers.end(), fertilities_.begin(), fertilities_.end());
  numbers.insert(numbers.end(), token_counts_.begin(), token_counts_.end());
  return numbers;
}

TextStatistics TextStatistics::from_numbers(std::span<const std::int64_t> numbers) {
  constexpr std::size_t kHistograms = kLengths + kFertilities;
  if (numbers.size() < kHistograms) {
    throw Error(ErrorCode::kInternal, "too few numbers for the statistics of a text");
  }
  TextStatistics statistics;
  std::copy_n(numbers.begin(), kLengths, statistics.lengths_.begin());
  std::copy_n(numbers.begin() + kLengths, kFertilities, statistics.fertilities_.begin());
  statistics.token_counts_.assign(numbers.begin() + kHistograms, numbers.end());
  return statistics;
}

std::int64_t TextStatistics::tokens_that_occur(std::int64_t times) const {
  return std::count_if(token_counts_.begin(), token_counts_.end(),
                       [times](std::int64_t count) { return count >= times; });
}

void TextStatistics::write(const std::filesystem::path& folder) const {
  const json content = {
      {"lengths", lengths_}, {"fertilities", fertilities_}, {"token_counts", token_counts_}};
  write_file_atomic(folder / kFileName, content.dump() + "\n");
}

TextStatistics TextStatistics::read_from(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kFileName;
  try {
    const json content = json::parse(read_file(file));
    TextStatistics statistics;
    read_histogram(content.at("lengths"), statistics.lengths_);
    read_histogram(content.at("fertilities"), statistics.fertilities_);
    content.at("token_counts").get_to(statistics.token_counts_);
    return statistics;
  } catch (const std::exception& error) {  // json's own, and the one above
    throw Error(ErrorCode::kData, file.string() + ": " + error.what(),
                "remove its folder and run again to make it anew");
  }
}

}  // namespace cram::corpus
