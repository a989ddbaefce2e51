// How large a model is and how much arithmetic it takes, from its recipe alone.
#pragma once

#include <cstdint>

#include "cram/recipe/recipe.h"

namespace cram::model {

// What decides the shapes besides the model section of a recipe.
struct Shape {
  std::int64_t sequence_length = 128;
  std::int64_t vocab_size = 32768;
};

// Width of the embedding tables. Where it is not hidden_size, a matrix follows them, and the head's
// transform ends at their width again.
[[nodiscard]] std::int64_t embedding_width(const recipe::Model& model);
// Of the decoder.
[[nodiscard]] std::int64_t decoder_width(const recipe::Model& model);

struct ParameterCount {
  std::int64_t total = 0;
  std::int64_t embedding = 0;  // token, position and segment tables
};
[[nodiscard]] ParameterCount count_parameters(const recipe::Model& model, const Shape& shape);

// Floating-point operations of the matrix products of one training pass (forward and backward) per
// input token, as this program executes them: two per multiply-add, three products per weight
// matrix (output, input gradient, weight gradient). Everything behind the last layer's attention
// runs on masked positions alone, see MaskedLanguageModel.
[[nodiscard]] double training_flops_per_token(const recipe::Model& model, const Shape& shape,
                                              double masking_rate);

}  // namespace cram::model
