// config.json of a model folder.
#pragma once

#include <filesystem>
#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/recipe/recipe.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::checkpoint {

enum class ModelType { kBert, kCram };

// `weights`, by our names, tell the sizes of the tables.
[[nodiscard]] std::string render_config(ModelType type, const recipe::Recipe& recipe,
                                        const NamedTensors& weights,
                                        const tokenizer::Tokenizer& tokenizer);

// Throws Error{kData} for a file that names no model type or one that we do not read.
[[nodiscard]] ModelType read_model_type(const std::filesystem::path& path);

}  // namespace cram::checkpoint
