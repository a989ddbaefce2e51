// Prediction files in the form that the GLUE server takes: CoLA.tsv, MNLI-m.tsv, …, AX.tsv, each
// "index<TAB>prediction", in one zip.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/glue/task.h"

namespace cram::glue {

// The server's file name for a test split of a task: "MNLI-mm.tsv". Throws Error{kInternal} for
// what the server does not take.
[[nodiscard]] std::string submission_file(const Task& task, const std::string& split);

// The content of such a file: label names, or scores clipped to [0, 5], a row for each example
// under its id, or its number from 0 where it has none. Throws Error{kDiverged} for a score that is
// NaN and Error{kInternal} for predictions that do not fit.
[[nodiscard]] std::string render_submission(const Task& task, const Split& split,
                                            const std::vector<double>& predictions);

// Zips the files, flat, in the order given; durably, and whole or not at all. Equal files give
// equal archives. Throws Error{kInternal} when two files have the same name.
void write_zip(const std::filesystem::path& zip, const std::vector<std::filesystem::path>& files);

}  // namespace cram::glue
