// What a model card says of the model itself, from the parts of its folder.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cram/checkpoint/model_card.h"
#include "cram/checkpoint/safetensors.h"

namespace cram::checkpoint {

struct CardParts {
  const recipe::Recipe& recipe;
  const NamedTensors& weights;  // by our names
  const nlohmann::ordered_json& config;
  const Facts& training;
};

// `folder` holds the tokenizer's files.
[[nodiscard]] ModelCard make_card(const CardParts& parts, const std::filesystem::path& folder);

void write_card(const std::filesystem::path& folder, const ModelCard& card);

}  // namespace cram::checkpoint
