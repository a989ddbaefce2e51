// The parts of Hugging Face's tokenizer files that do not depend on the kind of tokenizer.
#pragma once

#include <nlohmann/json.hpp>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

// The five special tokens, in the order of their ids.
[[nodiscard]] nlohmann::ordered_json added_tokens_json(const Tokenizer& tokenizer);
// [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with type 1 for the second part.
[[nodiscard]] nlohmann::ordered_json post_processor_json(const Tokenizer& tokenizer);
// tokenizer_config.json: the class and the names of the special tokens.
[[nodiscard]] nlohmann::ordered_json config_json(const Tokenizer& tokenizer,
                                                 std::string_view tokenizer_class);

}  // namespace cram::tokenizer
