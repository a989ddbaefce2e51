// A finished model, ready to predict.
#pragma once

#include <filesystem>
#include <memory>

#include "cram/checkpoint/model_folder.h"
#include "cram/model/masked_lm.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"
#include "cram/train/device.h"

namespace cram::train {

struct LoadedModel {
  recipe::Recipe recipe;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::unique_ptr<model::MaskedLanguageModel> model;
};

// The model folder that `folder` is or, as the folder of a finished run, holds. Throws Error{kData}
// when there is none.
[[nodiscard]] std::filesystem::path find_model_folder(const std::filesystem::path& folder);

// Throws Error{kData}, with `where` in it, unless names and shapes of the encoder and, where it is
// there, of the masked-LM head are those of a model of the folder's recipe.
void check_whole(const checkpoint::ModelFolder& folder, const std::string& where);

// Loads a run folder or a model folder. Device and precision are those of `device` and `precision`;
// the recipe's own are where it was trained. Throws Error{kData} when there is no finished model.
[[nodiscard]] LoadedModel load_model(const std::filesystem::path& folder,
                                     const recipe::Device& device,
                                     const recipe::Precision& precision);

}  // namespace cram::train
