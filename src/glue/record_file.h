// A user's file of texts with a label or score each: .tsv, .csv or .jsonl.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/glue/labelled_file.h"

namespace cram::glue {

struct Record {
  std::string first, second, id;
  std::optional<std::string> label;  // nothing where the file has none, or an empty one
  std::int64_t line = 0;
};

struct RecordFile {
  std::string path;
  Columns columns;  // those that were found; empty: not there
  std::vector<Record> records;
};

enum class LabelColumn { kNeeded, kOptional };

// Throws Error{kData} for columns that are not there and for rows that do not fit, Error{kUsage}
// for one column that is named for two things.
[[nodiscard]] RecordFile read_records(const std::filesystem::path& path, const Columns& wanted,
                                      LabelColumn label);

// The columns among `names` that `wanted` names or, where it does not, that have customary names.
// Naming `first` alone means single texts. `file` is for messages.
[[nodiscard]] Columns choose_columns(const std::vector<std::string>& names, const Columns& wanted,
                                     LabelColumn label, const std::string& file);

}  // namespace cram::glue
