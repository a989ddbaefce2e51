// The parts of Hugging Face's tokenizer files that do not depend on the kind of tokenizer.
#pragma once

#include <nlohmann/json.hpp>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

// The five special tokens, in the order of their ids.
[[nodiscard]] nlohmann::ordered_json added_tokens_json(const Tokenizer& tokenizer);
// A template that puts the tokenizer's special tokens around its texts; null for kBare.
[[nodiscard]] nlohmann::ordered_json post_processor_json(const Tokenizer& tokenizer,
                                                         const Framing& framing);
// tokenizer_config.json: the class, the names of the special tokens, the most tokens of a text, and
// whether models get segments.
[[nodiscard]] nlohmann::ordered_json config_json(const Tokenizer& tokenizer, const Use& use,
                                                 std::string_view tokenizer_class);

}  // namespace cram::tokenizer
