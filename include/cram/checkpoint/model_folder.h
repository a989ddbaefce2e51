// The folder of a finished model: model.safetensors, config.json, recipe.yaml and the tokenizer.
//
// A recipe that describes an original BERT gives a folder that Hugging Face's BertForMaskedLM loads
// as it is; any other gives one with "model_type": "cram" and our own names of the weights.
#pragma once

#include <filesystem>
#include <memory>

#include "cram/checkpoint/safetensors.h"
#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::checkpoint {

// True when transformers' BertForMaskedLM computes the same function.
[[nodiscard]] bool is_original_bert(const recipe::Model& model);

// Replaces `folder`, whole or not at all. `weights` are those of a model of this recipe.
void write_model_folder(const std::filesystem::path& folder, const recipe::Recipe& recipe,
                        const ops::WeightList& weights, const tokenizer::Tokenizer& tokenizer);

struct ModelFolder {
  recipe::Recipe recipe;
  NamedTensors weights;  // by our names: restore() them into a model of the recipe
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
};

// Reads what write_model_folder wrote. Throws Error{kData}, naming the file at fault.
[[nodiscard]] ModelFolder read_model_folder(const std::filesystem::path& folder);

}  // namespace cram::checkpoint
