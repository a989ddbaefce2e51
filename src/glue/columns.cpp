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

}  // namespace

Columns choose_columns(const Names& names, const Columns& wanted, LabelColumn label,
                       const std::string& file) {
  for (const std::string& name : {wanted.first, wanted.second, wanted.id}) {
    if (!name.empty() && !has(names, name)) refuse(file, "no column called " + shown(name), names);
  }
  Columns columns = wanted;
  choose_texts(names, file, columns);
  if (columns.first == columns.second) refuse(file, "both texts are in one column", names);
  if (columns.id.empty()) columns.id = first_of(kIds, names);
  columns.label = first_of(wanted.label.empty() ? kLabels : Names{wanted.label}, names);
  if (columns.label.empty() && label == LabelColumn::kNeeded) {
    refuse(file,
           "no column of labels called " +
               (wanted.label.empty() ? any_of(kLabels) : shown(wanted.label)),
           names);
  }
  return columns;
}

}  // namespace cram::glue
