// SQuAD's files of questions on paragraphs, versions 1.1 and 2.0.
#pragma once

#include <filesystem>
#include <vector>

#include "cram/glue/example.h"

namespace cram::glue {

enum class Answers { kNeeded, kOptional };

// Throws Error{kData}, naming the question, for what does not fit: an answer that does not stand
// where the file says, a question id that comes twice, …
[[nodiscard]] std::vector<Example> read_squad(const std::filesystem::path& path, Answers answers);

}  // namespace cram::glue
