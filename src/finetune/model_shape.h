// The shape of a task model whose weights come from a file.
#pragma once

#include <cstdint>
#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/model/size.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::finetune {

// Tokens of a pass when precision is measured: a few dozen sentences.
inline constexpr std::int64_t kProbeTokens = 1024;

// Rows of the token table, which may be more than the tokenizer has tokens. Throws Error{kData}
// when there is none. `where` is the folder for the message, here and below.
[[nodiscard]] std::int64_t token_rows(const checkpoint::NamedTensors& weights,
                                      const std::string& where);

// Throws Error{kData} when the tokenizer has more tokens than the table has `rows`.
void check_vocabulary(const tokenizer::Tokenizer& tokenizer, std::int64_t rows,
                      const std::string& where);

// Learned positions keep the length that they were trained with; all others are computed for any
// length. Throws Error{kUsage} when they are too few for `max_length`.
[[nodiscard]] model::Shape model_shape(const recipe::Recipe& recipe, std::int64_t vocab_size,
                                       std::int64_t max_length, const std::string& where);

}  // namespace cram::finetune
