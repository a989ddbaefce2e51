// Drops documents that hold a piece of a protected text, such as a test set that the model will be
// judged by.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cram/selection/rule.h"

namespace cram::selection {

// A document goes when it holds `ngram_words` words in a row of a protected text or, of a text
// shorter than that, all of it, if it has kFewestWords at least: shorter ones are common speech.
// (13 words, and 8 at least, as GPT-3 has it: Brown et al. 2020, appendix C.) Words are compared as
// words.h normalises them, byte by byte in the end: a hash alone convicts nobody.
//
// Memory: for each word of the protected texts its bytes and 14 to 19 more.
class Contamination final : public ContentRule {
 public:
  static constexpr std::size_t kFewestWords = 8;

  // Throws Error{kData} when the protected texts hold 4 GiB or more.
  Contamination(const std::vector<std::string>& protected_texts, std::size_t ngram_words);
  ~Contamination() override;

  [[nodiscard]] std::vector<std::string> names() const override { return {"contamination"}; }
  [[nodiscard]] std::optional<Drop> judge(const Document& document) const override;

 private:
  class Index;
  std::unique_ptr<const Index> index_;
};

}  // namespace cram::selection
