#include "cram/selection/selector.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/selection/contamination.h"
#include "cram/selection/exact_duplicates.h"
#include "cram/selection/language.h"
#include "cram/selection/words.h"
#include "cram/text/all_texts.h"
#include "cram/text/clean_unicode.h"

namespace cram::selection {
namespace {

std::vector<std::string> texts_to_keep_out(const Rules& rules) {
  const std::size_t fewest = std::min(rules.decontaminate_words, Contamination::kFewestWords);
  std::vector<std::string> texts;
  for (const text::SourceFile& file : text::find_example_files(rules.decontaminate)) {
    std::vector<std::string> found = text::read_all_texts({file});
    if (rules.clean_unicode) {
      for (std::string& text : found) text = text::clean_unicode(text);
    }
    std::erase_if(found, [&](const std::string& text) { return Words(text).size() < fewest; });
    if (found.empty()) {
      log::warning(file.path.string() + ": no text of " + std::to_string(fewest) +
                   " words, so nothing is kept out on its account");
    }
    std::move(found.begin(), found.end(), std::back_inserter(texts));
  }
  if (!texts.empty()) return texts;
  throw Error(
      ErrorCode::kData,
      "selection.decontaminate names no file with a text of " + std::to_string(fewest) + " words",
      "shorter ones are common speech; name the test sets whose text must not be learned");
}

}  // namespace

bool Rules::any() const {
  return !languages.empty() || quality || repetition || !decontaminate.empty() ||
         exact_duplicates || near_duplicates || repeats;
}

void Rules::check() const { (void)Language(languages); }

Selector::Selector(const Rules& rules) {
  if (!rules.languages.empty()) {
    content_rules_.push_back(std::make_unique<Language>(rules.languages));
  }
  if (rules.quality) content_rules_.push_back(std::make_unique<Quality>(*rules.quality));
  if (!rules.decontaminate.empty()) {
    content_rules_.push_back(
        std::make_unique<Contamination>(texts_to_keep_out(rules), rules.decontaminate_words));
  }
  if (rules.repetition) content_rules_.push_back(std::make_unique<Repetition>(*rules.repetition));
  if (rules.exact_duplicates) duplicate_rules_.push_back(std::make_unique<ExactDuplicates>());
  if (rules.near_duplicates) {
    duplicate_rules_.push_back(std::make_unique<NearDuplicates>(*rules.near_duplicates));
  }
}

std::vector<std::string> Selector::names() const {
  std::vector<std::string> names;
  for (const auto& rule : content_rules_) {
    for (std::string& name : rule->names()) names.push_back(std::move(name));
  }
  for (const auto& rule : duplicate_rules_) names.push_back(rule->name());
  return names;
}

Selector::Examined Selector::examine(std::string_view text) const {
  const Document document(text);
  Examined examined;
  for (const auto& rule : content_rules_) {
    examined.drop = rule->judge(document);
    if (examined.drop) return examined;
  }
  for (const auto& rule : duplicate_rules_) {
    examined.fingerprints.push_back(rule->fingerprint(document));
  }
  return examined;
}

void Selector::expect(std::int64_t documents) {
  for (const auto& rule : duplicate_rules_) rule->expect(documents);
}

void Selector::foresee(const Examined& examined) {
  if (examined.drop) return;
  for (std::size_t i = 0; i < duplicate_rules_.size(); ++i) {
    duplicate_rules_[i]->foresee(examined.fingerprints[i]);
  }
}

std::optional<Drop> Selector::decide(const Examined& examined) {
  if (examined.drop) return examined.drop;
  for (std::size_t i = 0; i < duplicate_rules_.size(); ++i) {
    if (auto drop = duplicate_rules_[i]->judge(examined.fingerprints[i])) return drop;
  }
  return std::nullopt;
}

}  // namespace cram::selection
