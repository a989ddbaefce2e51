// What a training knows about itself for the model card.
#pragma once

#include <string>

#include "cram/checkpoint/model_card.h"
#include "cram/train/budget.h"
#include "cram/train/validation.h"

namespace cram::train {

// Appends what a training has used that came to `position`, and on what: `environment` is the JSON
// object that stands in its checkpoints.
void add_training_facts(checkpoint::Facts& facts, const Position& position,
                        const std::string& environment);

// Appends how good the model is.
void add_score(checkpoint::Facts& facts, const Score& score);

}  // namespace cram::train
