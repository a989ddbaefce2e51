// Tables of a report page. All text is escaped.
#pragma once

#include <string>
#include <vector>

namespace cram::report {

using TableRow = std::vector<std::string>;

// An empty string when there are no rows. Without `heads`, the first cell of each row is its head.
[[nodiscard]] std::string html_table(const TableRow& heads, const std::vector<TableRow>& rows);

}  // namespace cram::report
