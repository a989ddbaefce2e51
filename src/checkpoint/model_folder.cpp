#include "cram/checkpoint/model_folder.h"

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/checkpoint/restore.h"
#include "cram/recipe/load.h"

#include "bert_names.h"
#include "model_config.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

constexpr const char* kWeights = "model.safetensors";
constexpr const char* kConfig = "config.json";
constexpr const char* kRecipe = "recipe.yaml";

recipe::Recipe read_recipe(const fs::path& path) {
  if (!fs::is_regular_file(path)) {
    throw Error(ErrorCode::kData, path.string() + ": missing",
                "only model folders that cram wrote can be read");
  }
  try {
    return recipe::load(path);
  } catch (const Error& error) {  // Here the recipe is data and not what the user asked for.
    throw Error(ErrorCode::kData, error.what(), error.hint());
  }
}

}  // namespace

bool is_original_bert(const recipe::Model& model) {
  return model.norm_position == recipe::NormPosition::kPost &&
         model.norm == recipe::NormType::kLayerNorm && model.norm_bias &&
         model.activation == recipe::Activation::kGelu && !model.gated && model.attention_bias &&
         model.feed_forward_bias && model.positions == recipe::Positions::kLearned &&
         model.segments > 0 && model.embedding_norm && !model.final_norm &&
         model.head_transform == recipe::HeadTransform::kBert && model.tie_decoder &&
         model.decoder_bias && !model.qk_norm && model.logit_softcap == 0.0;
}

void write_model_folder(const fs::path& folder, const recipe::Recipe& recipe,
                        const ops::WeightList& weights, const tokenizer::Tokenizer& tokenizer) {
  const NamedTensors ours = masters(weights);
  const bool bert = is_original_bert(recipe.model);
  const ModelType type = bert ? ModelType::kBert : ModelType::kCram;
  replace_folder_atomic(folder, [&](const fs::path& fresh) {
    write_safetensors(fresh / kWeights, bert ? to_bert_names(ours, recipe.model.layers) : ours);
    write_file_atomic(fresh / kConfig, render_config(type, recipe, ours, tokenizer));
    write_file_atomic(fresh / kRecipe, recipe::to_yaml(recipe));
    tokenizer.save(fresh);
  });
}

ModelFolder read_model_folder(const fs::path& folder) {
  const ModelType type = read_model_type(folder / kConfig);
  ModelFolder result{.recipe = read_recipe(folder / kRecipe), .weights = {}, .tokenizer = nullptr};
  const fs::path path = folder / kWeights;
  const Safetensors file = read_safetensors(path);
  result.weights = {file.tensors.begin(), file.tensors.end()};
  if (type == ModelType::kBert) {
    result.weights = from_bert_names(result.weights, result.recipe.model.layers, path.string());
  }
  const recipe::Tokenizer& options = result.recipe.tokenizer;
  result.tokenizer = tokenizer::load_tokenizer(folder, {.lowercase = options.lowercase,
                                                        .strip_accents = options.strip_accents,
                                                        .ascii_only = options.ascii_only});
  return result;
}

}  // namespace cram::checkpoint
