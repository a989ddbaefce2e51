// A family of models in Hugging Face's transformers or in a package that adds to it: what its
// config.json says in the terms of a recipe, and how its weights are named. families.cpp lists
// those that we know.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cram/recipe/recipe.h"

#include "json_object.h"
#include "name_table.h"

namespace cram::checkpoint {

struct Family {
  std::string model_type;    // "bert", in config.json
  std::string class_prefix;  // "Bert" of BertForMaskedLM
  // Of a config.json. Throws Error{kData}, naming the key, for a model of the family that we cannot
  // compute and for values that no model has. Keys that do not change the function are not looked
  // at; of the others, sizes must be there and the rest has the defaults of the family's code.
  recipe::Model (*read_config)(const JsonObject& config);
  NameTable (*names)(const recipe::Model& model);
  // Whether the family's class for masked tokens computes the same function as a model of ours.
  // Null where folders of the family are read and not written; then write_config is null, too.
  bool (*expresses)(const recipe::Model& model) = nullptr;
  // Whether its class for a label of a sequence does so, too, with a head that reads the first
  // token through a layer of the hidden size and tanh.
  bool classifies = false;
  // What read_config reads of such a model.
  nlohmann::ordered_json (*write_config)(const recipe::Model& model, const Sizes& sizes) = nullptr;
  // Whether its classes are transformers' own, and not those of a package that adds to it.
  bool stock = true;
  // Rows of the token table; null where "vocab_size" says it.
  std::int64_t (*read_vocabulary)(const JsonObject& config) = nullptr;
};

// `kind` with all of `model` that makes no family: the sizes, the norms' epsilon and what only
// training goes by. A model of the kind is equal to it.
[[nodiscard]] recipe::Model with_sizes_of(const recipe::Model& model, recipe::Model kind);

// Null for a model_type that is none of ours.
[[nodiscard]] const Family* find_family(std::string_view model_type);

// The family whose classes compute the function of this model; null where none does.
[[nodiscard]] const Family* family_expressing(const recipe::Model& model);

// "bert, roberta and …", for messages.
[[nodiscard]] std::string known_families();

}  // namespace cram::checkpoint
