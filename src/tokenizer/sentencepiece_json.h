// tokenizer.json and tokenizer_config.json of SentencePiece models, for Hugging Face's tokenizers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sentencepiece.h"

namespace cram::tokenizer {

[[nodiscard]] std::string sentencepiece_json(const SentencePiece& tokenizer,
                                             const Framing& framing);
[[nodiscard]] std::string sentencepiece_config(const SentencePiece& tokenizer, const Use& use);

// Whether a parsed tokenizer.json says what sentencepiece_json would: then the .model beside it can
// stand for it.
[[nodiscard]] bool is_json_of(const nlohmann::json& root, const SentencePiece& tokenizer);

}  // namespace cram::tokenizer
