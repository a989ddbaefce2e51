// Some of the files of a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cram/text/sources.h"

namespace cram::corpus {

// Files in a row, by their places among all of them.
struct FileRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// All the files in their order, as ranges of so many bytes on disk at least, the last of the rest.
[[nodiscard]] std::vector<FileRange> cut_into_pieces(const std::vector<text::SourceFile>& files,
                                                     std::uint64_t bytes);

}  // namespace cram::corpus
