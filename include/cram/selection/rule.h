// What decides whether a document stays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/selection/words.h"

namespace cram::selection {

// Why a document goes: the name of the rule, and what it found, for people.
struct Drop {
  std::string rule;
  std::string detail;
};

// A document, with its words split once for all rules.
struct Document {
  explicit Document(std::string_view all) : text(all), words(all) {}
  std::string_view text;
  Words words;
};

// A rule that looks at each document by itself. Used from many threads at once.
class ContentRule {
 public:
  virtual ~ContentRule() = default;
  // All that Drop::rule may say.
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
  [[nodiscard]] virtual std::optional<Drop> judge(const Document& document) const = 0;
};

// A rule that compares documents with those kept before.
class DuplicateRule {
 public:
  using Fingerprint = std::vector<std::uint32_t>;

  virtual ~DuplicateRule() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  // What there is to remember of a document. Used from many threads at once.
  [[nodiscard]] virtual Fingerprint fingerprint(const Document& document) const = 0;
  // Spares memory in judge(): expect() with the number of documents that will be judged, then
  // foresee() with each of them in any order, before the first is judged. None of it is needed.
  virtual void expect(std::int64_t documents) = 0;
  virtual void foresee(const Fingerprint& fingerprint) = 0;
  // Remembers a document, unless it goes. To be called in reading order.
  [[nodiscard]] virtual std::optional<Drop> judge(const Fingerprint& fingerprint) = 0;
};

}  // namespace cram::selection
