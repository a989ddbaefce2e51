// The numbers of a data set's labels.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cram/glue/labelled_file.h"

namespace cram::glue {

class LabelNumbers {
 public:
  // Numbers those that the user names, else those found in the train file. Named labels that were
  // not found are noted. Throws Error{kData} where the file has a single label, and Error{kUsage}
  // where one alone is named, or one twice. Nothing found means that the problem has no labels.
  LabelNumbers(const std::vector<std::string>& found, const LabelledFiles& files,
               std::vector<std::string>& notes);

  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  // Throws Error{kData} "<path>:<line>: …" for a label that has none.
  [[nodiscard]] int number(const std::string& label, const std::string& path,
                           std::int64_t line) const;

 private:
  std::vector<std::string> labels_;
  std::map<std::string, int> numbers_;
  std::string origin_;  // "train.tsv has", for messages
};

}  // namespace cram::glue
