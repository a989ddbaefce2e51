// A model with the encoder of a model folder.
#pragma once

#include <map>
#include <string>

#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"
#include "cram/model/masked_lm.h"

namespace cram::checkpoint {

// Of the folder's recipe; weights that the folder lacks stay as they are initialised.
inline model::MaskedLanguageModel encoder_of(const ModelFolder& folder) {
  model::MaskedLanguageModel model(
      folder.recipe.model, {folder.recipe.sequence.length, folder.tokenizer->vocab_size()}, {}, 7);
  const std::map<std::string, at::Tensor> given(folder.weights.begin(), folder.weights.end());
  NamedTensors saved = masters(model.weights());
  for (auto& [name, tensor] : saved) {
    const auto found = given.find(name);
    if (found != given.end()) tensor = found->second;
  }
  restore(saved, masters(model.weights()), "folder");
  return model;
}

}  // namespace cram::checkpoint
