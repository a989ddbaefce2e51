// What a run with model.from begins with: the architecture, the tokenizer and the weights of a
// pretrained model.
//
// The model is that of the folder until the run has saved something. From then on the run's own
// folder decides, whatever becomes of the other: the architecture stands in its recipe.yaml, the
// tokenizer in its tokenizer/, the weights in its checkpoints. All throw Error{kData} when the
// model is in neither place.
#pragma once

#include <memory>
#include <optional>

#include "cram/checkpoint/model_folder.h"
#include "cram/model/masked_lm.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"
#include "cram/train/run_folder.h"

namespace cram::train {

// For recipe::load(); the second for a run that starts over, which goes by the folder alone.
[[nodiscard]] recipe::Model start_model(const recipe::Recipe& written);
[[nodiscard]] recipe::Model fresh_start_model(const recipe::Recipe& written);

[[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> start_tokenizer(
    const recipe::Recipe& recipe);

// Keeps the tokenizer in the folder of the run.
void keep_start_tokenizer(const recipe::Recipe& recipe, const tokenizer::Tokenizer& tokenizer);

// The model in the folder of model.from; nothing for a recipe without one and for a run that has
// begun and goes on. Moves nothing: throws Error{kUsage} when the folder is in the run that
// options.fresh sets aside.
[[nodiscard]] std::optional<checkpoint::ModelFolder> find_start(const recipe::Recipe& recipe,
                                                                const OpenOptions& options);

// Puts the weights of `start` into a model of `recipe`. Without a masked-LM head among them, the
// model's stays as it is initialised, and the log says so; heads for tasks are left out.
void load_start(const checkpoint::ModelFolder& start, const recipe::Recipe& recipe,
                const model::MaskedLanguageModel& model);

}  // namespace cram::train
