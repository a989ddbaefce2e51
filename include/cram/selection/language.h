// Drops documents in other languages than those wanted, by the Compact Language Detector 2.
#pragma once

#include <string>
#include <vector>

#include "cram/selection/rule.h"

namespace cram::selection {

// A document stays when at least half of its letters are, by the detector, in languages wanted, or
// when it has fewer than kFewestLetters. Otherwise it goes: as "language: another" where the
// detector is sure of what it says, else as "language: unknown".
//
// Shorter text stays since nobody can be sure of it: a heading, a name or a line of a dialogue is
// taken for any language, up to 3 % of those in English books and articles for a wrong one, and a
// table of numbers for none. From there on it is 0.1 % of English paragraphs and less, most of
// which do quote another language; of foreign ones more than 99 % go.
//
// Of a long document pieces from all over it are looked at, 2 KiB together.
class Language final : public ContentRule {
 public:
  static constexpr int kFewestLetters = 60;  // bytes of them

  // `codes` are of ISO 639-1, such as en, of three letters where that has none, or zh-Hant, for zh
  // is simplified Chinese alone. The detector tells some 80 languages from each other, as its
  // library has it; it knows the codes of others, too. Throws Error{kUsage} for a code that it does
  // not know.
  explicit Language(const std::vector<std::string>& codes);

  [[nodiscard]] std::vector<std::string> names() const override {
    return {"language: another", "language: unknown"};
  }
  [[nodiscard]] std::optional<Drop> judge(const Document& document) const override;

 private:
  [[nodiscard]] bool wants(int language) const;

  std::vector<int> wanted_;  // the detector's numbers
};

}  // namespace cram::selection
