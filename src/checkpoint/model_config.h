// config.json of a model folder.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::checkpoint {

enum class ModelType { kBert, kCram };

// Of a model for masked tokens. `weights`, by our names, tell the sizes of the tables.
[[nodiscard]] nlohmann::ordered_json make_config(ModelType type, const recipe::Recipe& recipe,
                                                 const NamedTensors& weights,
                                                 const tokenizer::Tokenizer& tokenizer);

[[nodiscard]] std::string render_config(const nlohmann::ordered_json& config);

struct Config {
  ModelType type;
  nlohmann::json json;
  // Whether all of an original BERT is in it, also of one with our names of the weights.
  [[nodiscard]] bool describes_bert() const;
};
// Throws Error{kData} for a file that names no model type or one that we do not read.
[[nodiscard]] Config read_config(const std::filesystem::path& path);

}  // namespace cram::checkpoint
