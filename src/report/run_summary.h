// The numbers of a run that a reader wants first.
#pragma once

#include <vector>

#include "cram/report/html_page.h"
#include "cram/report/run_record.h"

namespace cram::report {

// Name and value of each number that is known.
[[nodiscard]] std::vector<TableRow> run_summary(const RunRecord& run);
// A row for each held-out measurement, under these heads.
[[nodiscard]] TableRow validation_heads(const RunRecord& run);
[[nodiscard]] std::vector<TableRow> validation_rows(const RunRecord& run);
// The notes: time, kind, details.
[[nodiscard]] std::vector<TableRow> note_rows(const RunRecord& run);

}  // namespace cram::report
