// Rows of text as columns for a terminal.
#pragma once

#include <string>
#include <vector>

namespace cram::report {

// The first row is the head; all are of one length. Two spaces between columns, none at the end of
// a line.
[[nodiscard]] std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace cram::report
