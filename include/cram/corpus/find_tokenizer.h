// The tokenizer that a corpus was packed with, for those who look into it.
#pragma once

#include <filesystem>
#include <memory>

#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

// From the cache in which `corpus_folder` lies; null where none fits there. Throws Error{kData}
// when the folder is no corpus.
[[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> find_tokenizer(
    const std::filesystem::path& corpus_folder);

// Whether the corpus was packed with this one. Throws as above.
[[nodiscard]] bool is_packed_with(const std::filesystem::path& corpus_folder,
                                  const tokenizer::Tokenizer& tokenizer);

}  // namespace cram::corpus
