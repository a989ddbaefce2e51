// Folders of ModernBERT that say what it cannot be.
#include <nlohmann/json.hpp>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/recipe/load.h"

#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(ModernBertFolder, IsRefusedForLayersThatItHasNot) {
  const test::TempFolder folder;
  const fs::path path = folder / "model";
  write_small_vocab(folder / "vocab.txt");
  const recipe::Recipe recipe = recipe::parse(kModernBert, "test");
  write_model_folder(path, recipe, small_model(recipe).weights(),
                     *tokenizer::load_tokenizer(folder / "vocab.txt", {}));
  fs::remove(path / "recipe.yaml");
  const json config = json::parse(read_bytes(path / "config.json"));
  for (const auto& difference : recipe::differences(read_model_folder(path).recipe, recipe)) {
    EXPECT_FALSE(difference.key.starts_with("model.")) << difference.key;
  }
  const json linear = {{"type", "linear"}, {"factor", 4.0}};
  const std::vector<std::tuple<const char*, json, const char*>> values = {
      {"/rope_scaling", linear, "'rope_scaling' is "},
      {"/rope_parameters/full_attention", linear,
       "'rope_parameters.full_attention.type' is \"linear\", not default"},
      {"/rope_parameters/sliding_attention/rope_type", "linear",
       "'rope_parameters.sliding_attention.rope_type' is \"linear\", not default"},
      {"/layer_types", json::array(), "'layer_types' is [], not a type for each layer"},
      {"/layer_types/1", "full_attention", "not one of every so many layers"},
  };
  for (const auto& [place, value, because] : values) {
    json changed = config;
    changed[json::json_pointer(place)] = value;
    write_bytes(path / "config.json", changed.dump());
    try {
      (void)read_model_folder(path);
      ADD_FAILURE() << "read a folder with " << place << " of " << value;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(because));
    }
  }
}

}  // namespace
}  // namespace cram::checkpoint
