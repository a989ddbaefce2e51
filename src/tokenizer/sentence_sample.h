// Sentences for the SentencePiece trainer, cut and cleaned so that it skips none, and thinned out
// evenly when there are more than fit in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cram::tokenizer {

class SentenceSample {
 public:
  // The trainer's default limit; longer lines would be left out without a word.
  static constexpr std::size_t kMaxSentenceBytes = 4192;

  explicit SentenceSample(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes the lines of a document, long ones in several sentences.
  void add(std::string_view document);

  // In the order of the text.
  [[nodiscard]] const std::vector<std::string>& sentences() const { return sentences_; }

 private:
  void add_sentence(std::string_view sentence);
  void thin_out();

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t highest_ticket_ = ~std::uint64_t{0};  // sentences with higher ones are left out
  std::vector<std::string> sentences_;
  std::vector<std::uint64_t> tickets_;  // one random number a sentence
};

}  // namespace cram::tokenizer
