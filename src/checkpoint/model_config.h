// config.json of a model folder.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

#include "family.h"

namespace cram::checkpoint {

// Of a model for masked tokens with weights by the names of `family`, or by our own where that is
// null. `weights`, by our names, tell the sizes of the tables.
[[nodiscard]] nlohmann::ordered_json make_config(const Family* family, const recipe::Recipe& recipe,
                                                 const NamedTensors& weights,
                                                 const tokenizer::Tokenizer& tokenizer);

[[nodiscard]] std::string render_config(const nlohmann::ordered_json& config);

struct Config {
  nlohmann::json json;
  const Family* names = nullptr;        // of the weights; null: our own
  const Family* description = nullptr;  // whose keys say all about the model; null: the recipe does
};
// Throws Error{kData} for a file that names no model type or one that we do not read.
[[nodiscard]] Config read_config(const std::filesystem::path& path);

}  // namespace cram::checkpoint
