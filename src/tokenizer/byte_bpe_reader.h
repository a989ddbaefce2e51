// Byte-level BPE from a tokenizer.json.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "byte_bpe.h"

namespace cram::tokenizer {

// Reads the tokenizer.json `path` (already parsed) whose model is BPE over bytes. The special
// tokens are those that its post-processor and then the files beside it name (NamedTokens), and
// else BERT's and RoBERTa's. Throws Error{kData}, naming the file and what is broken or
// unsupported.
[[nodiscard]] std::shared_ptr<const ByteBpe> read_byte_bpe_json(const nlohmann::json& root,
                                                                const std::filesystem::path& path);

}  // namespace cram::tokenizer
