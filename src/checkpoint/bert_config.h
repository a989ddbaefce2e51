// What Hugging Face's config.json says about an original BERT.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cram/recipe/recipe.h"

namespace cram::checkpoint {

struct BertConfig {
  recipe::Model model;          // an original BERT
  std::int64_t vocab_size = 0;  // rows of the token table
};

// Throws Error{kData}, naming `where` and the key, for a model that is not an original BERT and for
// values that no model has. Keys that do not change the function are not looked at; of the others,
// sizes must be there and the rest has the defaults of transformers.
[[nodiscard]] BertConfig read_bert_config(const nlohmann::json& config, const std::string& where);

// "hidden_act".
[[nodiscard]] std::string bert_activation(recipe::Activation activation);

}  // namespace cram::checkpoint
