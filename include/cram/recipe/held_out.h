// Which documents of a text are held out of a run's training, told from the text as it lies in its
// files: they are chosen by what a document says when it is packed.
#pragma once

#include <string>

#include "cram/recipe/recipe.h"

namespace cram::recipe {

// Why that cannot be told of a recipe, naming its key: its documents are not those of the files, or
// it has learned from others before. Empty where it can.
[[nodiscard]] std::string held_out_problem(const Recipe& recipe);

// The first key by which two recipes have other text to predict in the same files: they make other
// documents of them, hold out others or keep less of the characters. Empty where it is the same.
[[nodiscard]] std::string text_difference(const Recipe& one, const Recipe& other);

}  // namespace cram::recipe
