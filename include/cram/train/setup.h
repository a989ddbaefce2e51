// What a run works with, built from its recipe: the data side and the computing side, for
// pretraining and for the dry run alike.
#pragma once

#include <memory>
#include <optional>

#include "cram/corpus/batches.h"
#include "cram/corpus/prepare.h"
#include "cram/model/masked_lm.h"
#include "cram/optim/optimizer.h"
#include "cram/optim/weight_average.h"
#include "cram/recipe/recipe.h"
#include "cram/train/batch_stream.h"
#include "cram/train/device.h"
#include "cram/train/graph_trial.h"
#include "cram/train/kernel_choice.h"

namespace cram::train {

// Without `tokenizer`, that of model.from is looked up where the recipe has one.
[[nodiscard]] corpus::PrepareOptions prepare_options(
    const recipe::Recipe& recipe, std::shared_ptr<const tokenizer::Tokenizer> tokenizer = nullptr);

struct Data {
  corpus::Prepared prepared;
  std::unique_ptr<corpus::Corpus> corpus;
  std::unique_ptr<corpus::BatchMaker> training;
  std::unique_ptr<corpus::BatchMaker> held_out;
};

// Opens what corpus::prepare() has made.
[[nodiscard]] Data open_data(const recipe::Recipe& recipe, corpus::Prepared prepared);

struct Engine {
  DeviceChoice device;
  PrecisionChoice precision;
  KernelChoice kernels;
  model::Shape shape;
  std::unique_ptr<model::MaskedLanguageModel> model;
  std::unique_ptr<optim::Optimizer> optimizer;
  std::unique_ptr<optim::WeightAverage> average;  // null: the recipe wants none
  std::int64_t micro_batch = 0;                   // sequences a pass
  GraphTrial graph_trial;                         // on a GPU
  Capture capture;                                // where graphs are right and faster
};

// Chooses device, precision, GPU kernels, whether passes become graphs and micro-batch (the
// recipe's; else on a CPU what keeps its caches busy and no more, on a GPU the largest power of two
// that fits, found by trying, up to 32k tokens), builds the model and the optimizer, and says on
// the log what was chosen and why. `before` as in choose_precision().
[[nodiscard]] Engine set_up_engine(const recipe::Recipe& recipe, std::int64_t vocab_size,
                                   std::optional<c10::ScalarType> before = {});

// A batch of random tokens and masks of the shapes of a real one of the recipe's.
[[nodiscard]] model::MaskedInput synthetic_batch(const Engine& engine, const recipe::Recipe& recipe,
                                                 std::int64_t sequences);

}  // namespace cram::train
