// Byte-level BPE from a tokenizer.json.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "byte_bpe.h"

namespace cram::tokenizer {

// Reads a tokenizer.json (already parsed) whose model is BPE over bytes. The special tokens are
// those that its post-processor and then `config`, the tokenizer_config.json beside it, name, and
// else BERT's and RoBERTa's. Throws Error{kData}, naming `name` and what is broken or unsupported.
[[nodiscard]] std::shared_ptr<const ByteBpe> read_byte_bpe_json(const nlohmann::json& root,
                                                                const nlohmann::json& config,
                                                                const std::string& name);

}  // namespace cram::tokenizer
