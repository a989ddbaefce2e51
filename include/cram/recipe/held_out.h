// Which documents of a text are held out of a run's training, told from the text as it lies in its
// files: they are chosen by what a document says when it is packed.
#pragma once

#include <string>

#include "cram/recipe/recipe.h"

namespace cram::recipe {

// Why that cannot be told of a recipe, naming its key: its documents are not those of the files.
// Empty where it can.
[[nodiscard]] std::string held_out_problem(const Recipe& recipe);

// The first key by which two recipes take other documents from the same files or hold out others;
// empty where they hold out the same.
[[nodiscard]] std::string held_out_difference(const Recipe& one, const Recipe& other);

}  // namespace cram::recipe
