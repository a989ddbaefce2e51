// A recipe's activation as the operations know it.
#pragma once

#include "cram/ops/activation_kind.h"
#include "cram/recipe/recipe.h"

namespace cram::model {

[[nodiscard]] ops::ActivationKind activation_kind(recipe::Activation activation);

}  // namespace cram::model
