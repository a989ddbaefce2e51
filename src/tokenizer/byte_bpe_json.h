// tokenizer.json and tokenizer_config.json of byte-level BPE, for Hugging Face's tokenizers.
#pragma once

#include <string>

#include "byte_bpe.h"

namespace cram::tokenizer {

[[nodiscard]] std::string byte_bpe_json(const ByteBpe& tokenizer, const Framing& framing);
[[nodiscard]] std::string byte_bpe_config(const ByteBpe& tokenizer, const Use& use);

}  // namespace cram::tokenizer
