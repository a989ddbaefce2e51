// What a run with model.from begins with: the architecture, the tokenizer and the weights of a
// pretrained model.
//
// The model is the folder's while that is there. Once it is gone, a run that began with it still
// goes on: the architecture stands in its recipe.yaml, the tokenizer in its tokenizer/, the weights
// in its checkpoints. All throw Error{kData} when the model is in neither place.
#pragma once

#include <memory>

#include "cram/checkpoint/model_folder.h"
#include "cram/model/masked_lm.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::train {

// Whether the recipe names a folder and that is there.
[[nodiscard]] bool start_is_there(const recipe::Recipe& recipe);

// For recipe::load().
[[nodiscard]] recipe::Model start_model(const recipe::Recipe& written);

[[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> start_tokenizer(
    const recipe::Recipe& recipe);

// Keeps the tokenizer in the folder of the run.
void keep_start_tokenizer(const recipe::Recipe& recipe, const tokenizer::Tokenizer& tokenizer);

// The weights, only from the folder of model.from.
[[nodiscard]] checkpoint::ModelFolder read_start(const recipe::Recipe& recipe);

// Puts the weights of `start` into a model of `recipe`. Without a masked-LM head among them, the
// model's stays as it is initialised, and the log says so; heads for tasks are left out.
void load_start(const checkpoint::ModelFolder& start, const recipe::Recipe& recipe,
                const model::MaskedLanguageModel& model);

}  // namespace cram::train
