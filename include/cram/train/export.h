// Model folders written anew, to be used or published elsewhere.
#pragma once

#include <filesystem>
#include <functional>

#include "cram/checkpoint/model_card.h"

namespace cram::train {

// Writes the model of `source` as the model folder `output`, whole or not at all: of a run, of its
// newest checkpoint when it is unfinished, or of a model folder, also another program's. All of it
// is checked on the way, and a model card that is there already is kept; of one that another
// program has fine-tuned, the head of the task is left out. Changes nothing in `source`. Returns
// the facts of a card. Throws Error{kData} for what cannot be used, and as export_folder.
checkpoint::ModelCard export_model(const std::filesystem::path& source,
                                   const std::filesystem::path& output);

// Has `write` make `output` of the model folder `source`, whose companions go with it, whole or not
// at all. A model folder that cram wrote and that is there already is set aside where it would not
// be the same again: set_aside.h. Throws Error{kUsage} when something else is there, when `output`
// holds `source` or lies in it, and when it lies in a run and is not a new folder beside its own.
checkpoint::ModelCard export_folder(
    const std::filesystem::path& source, const std::filesystem::path& output,
    const std::function<checkpoint::ModelCard(const std::filesystem::path&)>& write);

}  // namespace cram::train
