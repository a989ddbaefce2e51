// All the rules of a recipe, in a fixed order: first those that look at a document by itself, from
// the cheapest on, then exact duplicates, then near ones. Thus a document is only ever a duplicate
// of one that stays.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/selection/near_duplicates.h"
#include "cram/selection/quality.h"
#include "cram/selection/repeats.h"
#include "cram/selection/repetition.h"
#include "cram/selection/rule.h"

namespace cram::selection {

struct Rules {
  std::vector<std::string> languages = {};  // codes as language.h has them; empty: any
  std::optional<QualityLimits> quality = {};
  std::optional<RepetitionLimits> repetition = {};
  // Files and folders of texts to keep out, as find_example_files() of text finds them. One without
  // a text that Contamination looks for is warned of; a Selector throws Error{kData} where all are.
  std::vector<std::string> decontaminate = {};
  bool clean_unicode = false;  // documents are: so are those texts
  std::size_t decontaminate_words = 13;
  bool exact_duplicates = false;
  std::optional<MinHashOptions> near_duplicates = {};
  // What is cut out of the documents that stay by all of these. It is found in all of them at once,
  // by whoever reads the text; the number of threads is theirs to say.
  std::optional<RepeatOptions> repeats = {};

  // Whether any text can go.
  [[nodiscard]] bool any() const;
  // Throws Error{kUsage} for a language that nobody knows.
  void check() const;
};

class Selector {
 public:
  // What is known of a document without regard to others.
  struct Examined {
    std::optional<Drop> drop;
    std::vector<DuplicateRule::Fingerprint> fingerprints;  // none where the document goes
  };

  // Reads the texts to keep out; throws Error{kData} when they cannot be read.
  explicit Selector(const Rules& rules);

  // The names of all the rules, in their order.
  [[nodiscard]] std::vector<std::string> names() const;

  // `text` must be valid UTF-8. From any number of threads at once.
  [[nodiscard]] Examined examine(std::string_view text) const;
  // Spares memory in decide(), as of DuplicateRule: the number of documents, then what is known of
  // each.
  void expect(std::int64_t documents);
  void foresee(const Examined& examined);
  [[nodiscard]] bool compares_documents() const { return !duplicate_rules_.empty(); }
  // Why the document goes, or nothing. To be called once for each document, in reading order.
  [[nodiscard]] std::optional<Drop> decide(const Examined& examined);

 private:
  std::vector<std::unique_ptr<const ContentRule>> content_rules_;
  std::vector<std::unique_ptr<DuplicateRule>> duplicate_rules_;
};

}  // namespace cram::selection
