// Tasks of GLUE with a few made-up examples.
#pragma once

#include <filesystem>
#include <string>

#include "cram/base/file.h"

namespace cram::test {

inline std::string repeat(int rows, const auto& row) {
  std::string text;
  for (int i = 0; i < rows; ++i) text += row(i);
  return text;
}

// Small folders in the form of GLUE's own release.
inline void write_glue(const std::filesystem::path& folder) {
  const auto pair = [](int i) {
    return std::to_string(i) + "\tThe cat sees " + std::to_string(i) + ".\tIt sees.";
  };
  const auto rows = repeat(
      12, [&](int i) { return pair(i) + (i % 2 == 0 ? "\tentailment\n" : "\tnot_entailment\n"); });
  const std::string header = "index\tsentence1\tsentence2";
  make_folders(folder / "RTE");
  for (const char* file : {"train.tsv", "dev.tsv"}) {
    write_file_atomic(folder / "RTE" / file, header + "\tlabel\n" + rows);
  }
  write_file_atomic(folder / "RTE/test.tsv",
                    header + "\n" + repeat(3, [&](int i) { return pair(i) + "\n"; }));
  make_folders(folder / "CoLA");
  for (const char* file : {"train.tsv", "dev.tsv"}) {
    write_file_atomic(folder / "CoLA" / file, repeat(12, [](int i) {
                        return "made\t" + std::to_string(i % 2) + "\t\tCats see " +
                               std::to_string(i) + ".\n";
                      }));
  }
  write_file_atomic(folder / "CoLA/test.tsv", "index\tsentence\n0\tA cat.\n1\tCat a.\n");
}

}  // namespace cram::test
