// What the folders of pretrained and of fine-tuned models have in common.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cram/checkpoint/safetensors.h"
#include "cram/recipe/recipe.h"

#include "family.h"

namespace cram::checkpoint {

inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kRecipeFile = "recipe.yaml";
inline constexpr const char* kCardFile = "README.md";
inline constexpr const char* kTaskFile = "task.json";

// In the metadata of weights that cram wrote.
inline const Metadata kMark = {{"written_by", "cram"}};

// Whether a name from outside stays in its folder, and a terminal shows it as it is. An empty one
// does.
[[nodiscard]] bool is_plain_name(const std::string& name);

// By the names of `family`, or as they are where that is null.
[[nodiscard]] NamedTensors named_by(const Family* family, const recipe::Model& model,
                                    const NamedTensors& weights,
                                    TaskOutputs outputs = TaskOutputs::kLabels);

// Tokens of the longest text that a model of the recipe is for.
[[nodiscard]] std::int64_t most_positions(const recipe::Recipe& recipe);

// No more of them than the file of its tokenizer says, where it says a number.
[[nodiscard]] std::int64_t most_tokens(const recipe::Recipe& recipe,
                                       std::optional<std::int64_t> said);

// Nothing for a recipe that was made of another program's config.json: it would not load, and
// config.json says the same again.
void write_recipe(const std::filesystem::path& folder, const recipe::Recipe& recipe);

}  // namespace cram::checkpoint
