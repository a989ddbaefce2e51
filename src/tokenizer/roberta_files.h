// vocab.json and merges.txt: the files of RoBERTa's first tokenizer.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "byte_bpe.h"

namespace cram::tokenizer {

// Reads a vocab.json and the merges.txt beside it; `config` is the tokenizer_config.json, which may
// be empty. Throws Error{kData}, naming what is broken or unsupported.
[[nodiscard]] std::shared_ptr<const ByteBpe> read_roberta_files(
    const std::filesystem::path& vocab_path, const nlohmann::json& config);

}  // namespace cram::tokenizer
