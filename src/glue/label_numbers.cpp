#include "label_numbers.h"

#include <set>

#include "cram/base/error.h"

#include "lines.h"

namespace cram::glue {

LabelNumbers::LabelNumbers(const std::vector<std::string>& found, const LabelledFiles& files,
                           std::vector<std::string>& notes)
    : labels_(files.labels.empty() ? found : files.labels),
      origin_(files.labels.empty() ? files.train + " has" : "the labels are") {
  if (found.empty()) return;
  for (const std::string& label : labels_) {
    if (!numbers_.emplace(label, static_cast<int>(numbers_.size())).second) {
      throw Error(ErrorCode::kUsage, "the label " + shown(label) + " is named twice");
    }
  }
  if (files.labels.size() == 1) {
    throw Error(ErrorCode::kUsage,
                "only one label is named, " + shown(labels_.front()) + "; name all of them",
                files.train + " has " + all_of(found));
  }
  if (labels_.size() < 2) {
    throw Error(ErrorCode::kData, files.train + ": all rows have the label " +
                                      shown(labels_.front()) + ", so there is nothing to learn");
  }
  const std::set<std::string> known(found.begin(), found.end());
  for (const std::string& label : labels_) {
    if (!known.contains(label)) {
      notes.push_back("no row of " + files.train + " has the label " + shown(label));
    }
  }
}

int LabelNumbers::number(const std::string& label, const std::string& path,
                         std::int64_t line) const {
  const auto found = numbers_.find(label);
  if (found != numbers_.end()) return found->second;
  throw error_at(path, line, "the label " + shown(label) + "; " + origin_ + " " + all_of(labels_),
                 "correct it, or name all labels in their order");
}

}  // namespace cram::glue
