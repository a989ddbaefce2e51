// Every text in files of examples, whatever their columns mean: for what must stay out of a corpus.
#pragma once

#include <string>
#include <vector>

#include "cram/text/sources.h"

namespace cram::text {

// Files, folders and globs, as find_sources() takes them, of .tsv, .csv, .txt, .jsonl and .json,
// each also with .gz, .bz2, .xz or .zst, and .parquet. Throws as that does.
[[nodiscard]] std::vector<SourceFile> find_example_files(const std::vector<std::string>& paths);

// Of a .tsv or .txt file each field between tabs, of .csv each line, of .jsonl and .json each
// string at any depth, of .parquet each value of the columns of text. Malformed UTF-8 is repaired;
// empty texts are left out, and numbers are no texts.
// Throws Error{kData}, naming the file, for what is damaged or not of the format that its name
// says.
[[nodiscard]] std::vector<std::string> read_all_texts(const std::vector<SourceFile>& files);

}  // namespace cram::text
