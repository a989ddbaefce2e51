// A small sample from all over the text, to know in advance how much there is of it: files are
// compressed, and only reading them tells.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cram/text/document.h"

namespace cram::corpus {

struct TextProbe {
  std::vector<std::string> texts;
  std::uint64_t text_bytes = 0;
  std::uint64_t file_bytes = 0;  // on disk, gone through for it; at least 1
};

// Reads some megabytes from the beginnings of a few evenly spaced files.
[[nodiscard]] TextProbe probe_text(const std::vector<text::SourceFile>& files,
                                   const text::ReadOptions& options);

}  // namespace cram::corpus
