// Whether a recipe's model drops anything in training, and so draws random numbers in each pass.
#pragma once

#include "cram/recipe/recipe.h"

namespace cram::model {

[[nodiscard]] inline bool has_dropout(const recipe::Model& model) {
  return model.dropout > 0 || model.attention_dropout > 0;
}

}  // namespace cram::model
