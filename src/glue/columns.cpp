#include <algorithm>
#include <array>

#include "cram/base/error.h"

#include "lines.h"
#include "record_file.h"

namespace cram::glue {
namespace {

using Names = std::vector<std::string>;

struct PairNames {
  const char* first;
  const char* second;
};
constexpr std::array<PairNames, 8> kPairs = {{{"sentence1", "sentence2"},
                                              {"premise", "hypothesis"},
                                              {"question1", "question2"},
                                              {"text1", "text2"},
                                              {"text_a", "text_b"},
                                              {"text", "text_pair"},
                                              {"question", "sentence"},
                                              {"query", "passage"}}};
const Names kSingles = {"text",     "sentence", "sentence1", "premise",
                        "question", "review",   "content",   "query"};
const Names kLabels = {"label", "labels", "score", "gold_label", "target", "class"};
const Names kIds = {"id", "idx", "index"};

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string first_of(const Names& candidates, const Names& names) {
  for (const std::string& candidate : candidates) {
    if (has(names, candidate)) return candidate;
  }
  return "";
}

[[noreturn]] void refuse(const std::string& file, const std::string& what, const Names& names) {
  throw Error(ErrorCode::kData, file + ": " + what,
              "name the column that is meant; there are " + all_of(names));
}

void choose_texts(const Names& names, const std::string& file, Columns& columns) {
  if (!columns.first.empty()) return;
  for (const PairNames& pair : kPairs) {
    if (!columns.second.empty() || !has(names, pair.first) || !has(names, pair.second)) continue;
    columns.first = pair.first;
    columns.second = pair.second;
    return;
  }
  columns.first = first_of(kSingles, names);
  if (columns.first.empty()) refuse(file, "no column of text called " + any_of(kSingles), names);
}

// Names that a person gave can collide, customary ones cannot. What labels that nobody needs say
// counts for nothing.
void refuse_shared_column(const Columns& columns, LabelColumn label, const std::string& file) {
  const bool is_text = columns.label == columns.first || columns.label == columns.second;
  std::string what;
  if (columns.first == columns.second) {
    what = "both texts are in the column " + shown(columns.first);
  } else if (label == LabelColumn::kNeeded && is_text) {
    what = "the column " + shown(columns.label) + " holds the text and cannot be the label, too";
  }
  if (!what.empty()) throw Error(ErrorCode::kUsage, file + ": " + what, "name two columns");
}

}  // namespace

Columns choose_columns(const Names& names, const Columns& wanted, LabelColumn label,
                       const std::string& file) {
  for (const std::string& name : {wanted.first, wanted.second, wanted.id}) {
    if (!name.empty() && !has(names, name)) refuse(file, "no column called " + shown(name), names);
  }
  Columns columns = wanted;
  choose_texts(names, file, columns);
  if (columns.id.empty()) columns.id = first_of(kIds, names);
  columns.label = first_of(wanted.label.empty() ? kLabels : Names{wanted.label}, names);
  if (columns.label.empty() && label == LabelColumn::kNeeded) {
    refuse(file,
           "no column of labels called " +
               (wanted.label.empty() ? any_of(kLabels) : shown(wanted.label)),
           names);
  }
  refuse_shared_column(columns, label, file);
  return columns;
}

}  // namespace cram::glue
