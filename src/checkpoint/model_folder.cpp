#include "cram/checkpoint/model_folder.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/checkpoint/restore.h"
#include "cram/recipe/load.h"

#include "folder_files.h"
#include "model_config.h"
#include "model_facts.h"
#include "strict_json.h"
#include "weights_file.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

recipe::Recipe read_recipe(const fs::path& path) {
  if (!fs::is_regular_file(path)) {
    throw Error(ErrorCode::kData, path.string() + ": missing",
                "a folder with \"model_type\": \"cram\" needs the recipe that cram wrote");
  }
  try {
    return recipe::load(path);
  } catch (const Error& error) {  // Here the recipe is data and not what the user asked for.
    throw Error(ErrorCode::kData, error.what(), error.hint());
  }
}

// Tables are often longer than the vocabulary, for the speed of matrices of round sizes: of
// multiples of 8, the least that makes any difference, to 256, the most that is customary. Another
// number of rows more is another vocabulary.
constexpr std::int64_t kLeastRound = 8, kRoundest = 256;

bool fits(const tokenizer::Tokenizer& tokenizer, std::int64_t rows) {
  const std::int64_t tokens = tokenizer.vocab_size();
  return rows == tokens || (rows > tokens && rows < tokens + kRoundest && rows % kLeastRound == 0);
}

// Of the token table, as config.json says. Refuses a tokenizer of another model.
std::int64_t rows_for(const tokenizer::Tokenizer& tokenizer, const Family& family,
                      const JsonObject& config, const std::string& where) {
  const std::int64_t rows = family.read_vocabulary != nullptr
                                ? family.read_vocabulary(config)
                                : config.whole("vocab_size", {1, 1 << 22});
  if (fits(tokenizer, rows)) return rows;
  throw Error(ErrorCode::kData,
              where + ": 'vocab_size' is " + std::to_string(rows) +
                  ", but the tokenizer beside it has " + std::to_string(tokenizer.vocab_size()) +
                  " tokens",
              "put the tokenizer that the model was trained with into the folder");
}

ModelDescription read_own(const fs::path& folder, const Config& config) {
  const fs::path path = folder / kRecipeFile;
  ModelDescription read{.recipe = read_recipe(path), .tokenizer = nullptr};
  if (config.names != nullptr && family_expressing(read.recipe.model) != config.names) {
    throw Error(ErrorCode::kData, path.string() + ": not the " + config.names->model_type +
                                      " that config.json describes");
  }
  const recipe::Tokenizer& options = read.recipe.tokenizer;
  read.tokenizer = tokenizer::load_tokenizer(folder, {.lowercase = options.lowercase,
                                                      .strip_accents = options.strip_accents,
                                                      .ascii_only = options.ascii_only});
  read.vocab_size = read.tokenizer->vocab_size();
  if (config.names != nullptr) {
    const std::string where = (folder / kConfigFile).string();
    (void)rows_for(*read.tokenizer, *config.names, JsonObject(config.json, where), where);
  }
  return read;
}

recipe::Recipe make_recipe(const recipe::Model& model,
                           const tokenizer::FolderTokenizer& tokenizer) {
  recipe::Recipe recipe;
  recipe.model = model;
  const tokenizer::Framing framing = tokenizer.tokenizer->framing();
  recipe.sequence = {
      .length = model.max_positions, .separator = framing.end > 0, .start_token = framing.start};
  recipe.tokenizer.vocab_size = tokenizer.tokenizer->vocab_size();
  recipe.tokenizer.lowercase = tokenizer.normalization.lowercase;
  recipe.tokenizer.strip_accents = tokenizer.normalization.strip_accents;
  recipe.tokenizer.ascii_only = tokenizer.normalization.ascii_only;
  return recipe;
}

// As the model met its texts in pretraining, and pairs as it will in fine-tuning.
tokenizer::Framing pretraining_framing(const recipe::Recipe& recipe,
                                       const tokenizer::Tokenizer& tokenizer) {
  tokenizer::Framing framing = tokenizer.framing();
  framing.start = recipe.sequence.start_token;
  framing.end = recipe.sequence.separator ? 1 : 0;
  framing.between = std::max(framing.between, 1);
  framing.second_segment = framing.second_segment && recipe.model.segments > 1;
  return framing;
}

// From what Hugging Face's files say.
ModelDescription read_foreign(const fs::path& folder, const Config& config) {
  const std::string where = (folder / kConfigFile).string();
  const JsonObject object(config.json, where);
  const recipe::Model model = config.description->read_config(object);
  const tokenizer::FolderTokenizer tokenizer = tokenizer::load_hugging_face_tokenizer(folder);
  return {.recipe = make_recipe(model, tokenizer),
          .tokenizer = tokenizer.tokenizer,
          .vocab_size = rows_for(*tokenizer.tokenizer, *config.description, object, where)};
}

ModelDescription describe(const fs::path& folder, const Config& config) {
  const bool own = fs::exists(folder / kRecipeFile) || config.description == nullptr;
  return own ? read_own(folder, config) : read_foreign(folder, config);
}

void cut_to_vocabulary(NamedTensors& weights, std::int64_t vocab_size, const std::string& where) {
  for (auto& [name, tensor] : weights) {
    if (name != "embeddings.token" && name != "head.decoder.bias") continue;
    const std::int64_t rows = tensor.size(0);
    if (rows <= vocab_size) continue;
    tensor = tensor.narrow(0, 0, vocab_size).clone();
    if (name != "embeddings.token") continue;
    log::info(where + ": its token table has " + std::to_string(rows) + " rows; those behind the " +
              std::to_string(vocab_size) + " of the tokenizer are left out");
  }
}

bool has_masked_lm_head(const recipe::Model& model, const NamedTensors& weights) {
  if (model.head_transform == recipe::HeadTransform::kNone && model.tie_decoder &&
      !model.decoder_bias) {
    return true;
  }
  return std::any_of(weights.begin(), weights.end(),
                     [](const auto& entry) { return entry.first.starts_with("head."); });
}

constexpr std::string_view kTaskOutputs = "task.classifier.";

// Of a model without the head that it is named after.
void name_as_encoder(nlohmann::ordered_json& config) {
  constexpr std::string_view kHead = "ForMaskedLM";
  std::string name = config.at("architectures").at(0);
  if (name.ends_with(kHead)) name.replace(name.size() - kHead.size(), kHead.size(), "Model");
  config["architectures"] = {name};
}

// Of a text, as a tokenizer_config.json says it; some name a number that stands for any length.
std::optional<std::int64_t> read_max_tokens(const fs::path& folder) {
  constexpr double kAnyLength = 1 << 30;
  const fs::path file = folder / "tokenizer_config.json";
  if (!fs::exists(file)) return std::nullopt;
  const nlohmann::json config = parse_strict_json(read_file(file, 1 << 24), 16, file.string());
  if (!config.is_object() || !config.contains("model_max_length")) return std::nullopt;
  const nlohmann::json& length = config.at("model_max_length");
  const double tokens = length.is_number() ? length.get<double>() : 0;
  if (!(tokens >= 1 && tokens < kAnyLength)) return std::nullopt;
  return static_cast<std::int64_t>(tokens);
}

ModelCard write(const fs::path& folder, const ModelFolder& model, const Facts& training) {
  const recipe::Recipe& recipe = model.recipe;
  const NamedTensors& weights = model.weights;
  const tokenizer::Tokenizer& tokenizer = *model.tokenizer;
  const Family* family = family_expressing(recipe.model);
  nlohmann::ordered_json config = make_config(family, recipe, weights, tokenizer);
  if (!has_masked_lm_head(recipe.model, weights)) name_as_encoder(config);
  ModelCard card;
  replace_folder_atomic(folder, [&](const fs::path& fresh) {
    write_safetensors(fresh / kWeightsFile, named_by(family, recipe.model, weights), kMark);
    write_file_atomic(fresh / kConfigFile, render_config(config));
    write_recipe(fresh, recipe);
    tokenizer.save(fresh, {.framing = pretraining_framing(recipe, tokenizer),
                           .max_tokens = most_tokens(recipe, model.max_tokens)});
    card = make_card({recipe, weights, config, training}, fresh);
    write_card(fresh, card);
  });
  return card;
}

}  // namespace

ModelCard write_model_folder(const fs::path& folder, const recipe::Recipe& recipe,
                             const ops::WeightList& weights, const tokenizer::Tokenizer& tokenizer,
                             const Facts& training) {
  const std::shared_ptr<const tokenizer::Tokenizer> borrowed(std::shared_ptr<void>(), &tokenizer);
  return write(folder, {recipe, masters(weights), borrowed}, training);
}

ModelCard write_model_folder(const fs::path& folder, const ModelFolder& model,
                             const Facts& training) {
  return write(folder, model, training);
}

ModelFolder read_model_folder(const fs::path& folder) {
  const Config config = read_config(folder / kConfigFile);
  ModelDescription read = describe(folder, config);
  const fs::path file = find_weights(folder);
  NamedTensors weights = read_weights(file);
  std::vector<std::string> left_out;
  if (config.names != nullptr) {
    OurTensors found = from_their_names(config.names->names(read.recipe.model), weights,
                                        Sizes::of(read.recipe, read.vocab_size), file.string());
    weights = std::move(found.weights);
    left_out = std::move(found.left_out);
    cut_to_vocabulary(weights, read.tokenizer->vocab_size(), file.string());
  }
  return {.recipe = std::move(read.recipe),
          .weights = std::move(weights),
          .tokenizer = std::move(read.tokenizer),
          .left_out = std::move(left_out),
          .max_tokens = read_max_tokens(folder)};
}

ModelDescription describe_model_folder(const fs::path& folder) {
  return describe(folder, read_config(folder / kConfigFile));
}

bool is_model_folder(const fs::path& folder) {
  return fs::exists(folder / kConfigFile) && holds_weights(folder);
}

bool predicts_masked_tokens(const ModelFolder& folder) {
  return has_masked_lm_head(folder.recipe.model, folder.weights);
}

void leave_task_out(ModelFolder& folder, const std::string& where) {
  std::string names;
  const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
  std::erase_if(folder.weights, [&](const auto& entry) {
    const bool is_output = entry.first.starts_with(kTaskOutputs);
    if (is_output) add(entry.first);
    return is_output;
  });
  for (const std::string& name : folder.left_out) add(printable(name));
  folder.left_out.clear();
  if (!names.empty())
    log::warning(where + ": weights of its heads for tasks are left out: " + names);
}

void restore_masked_lm(const ModelFolder& folder, NamedTensors live, const std::string& where) {
  NamedTensors saved = folder.weights;
  std::erase_if(saved, [](const auto& entry) { return entry.first.starts_with("task."); });
  if (!predicts_masked_tokens(folder)) {
    std::erase_if(live, [](const auto& entry) { return entry.first.starts_with("head."); });
  }
  restore(saved, live, where);
}

NamedTensors masked_lm_weights(const ModelFolder& folder, const std::string& where) {
  NamedTensors weights;
  for (const auto& [name, tensor] : folder.weights) {
    if (name.starts_with(kTaskOutputs)) {
      throw Error(ErrorCode::kData, where + ": fine-tuned for a task, it predicts no masked tokens",
                  "give the folder of the pretrained model");
    }
    if (!name.starts_with("task.")) weights.emplace_back(name, tensor);
  }
  if (predicts_masked_tokens(folder)) return weights;
  throw Error(ErrorCode::kData, where + ": an encoder without a head that predicts masked tokens",
              "`cram finetune` needs no such head; to predict masked tokens, take a folder that "
              "was saved from BertForMaskedLM");
}

}  // namespace cram::checkpoint
