// The parts of Hugging Face's tokenizer files that do not depend on the kind of tokenizer.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

#include "added_tokens.h"

namespace cram::tokenizer {

// An added token as tokenizer.json and others write it, but for its id. Throws Error{kData}, naming
// `name`.
[[nodiscard]] AddedToken read_added_token(const nlohmann::json& part, const std::string& name);
// The added tokens, and behind them those of the five special tokens that they lack, by their ids.
[[nodiscard]] nlohmann::ordered_json added_tokens_json(const Tokenizer& tokenizer,
                                                       std::vector<AddedToken> added = {});
// A template that puts the tokenizer's special tokens around its texts; null for kBare.
[[nodiscard]] nlohmann::ordered_json post_processor_json(const Tokenizer& tokenizer,
                                                         const Framing& framing);
// tokenizer_config.json: the class, the names of the special tokens, the most tokens of a text, and
// whether models get segments.
[[nodiscard]] nlohmann::ordered_json config_json(const Tokenizer& tokenizer, const Use& use,
                                                 std::string_view tokenizer_class);

}  // namespace cram::tokenizer
