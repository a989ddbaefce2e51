#include "model_facts.h"

#include <algorithm>

#include "cram/base/file.h"
#include "cram/base/units.h"

#include "folder_files.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

// "WordPiece"; empty when the folder does not say.
std::string tokenizer_kind(const fs::path& folder) {
  const fs::path file = folder / "tokenizer.json";
  if (!fs::exists(file)) return "";
  using nlohmann::json;
  const json tokenizer = json::parse(read_file(file), nullptr, false);
  if (!tokenizer.is_object()) return "";
  const json kind = tokenizer.value(json::json_pointer("/model/type"), json());
  return kind.is_string() ? kind.get<std::string>() : "";
}

std::int64_t count_parameters(const NamedTensors& weights) {
  std::int64_t count = 0;
  for (const auto& entry : weights) count += entry.second.numel();
  return count;
}

std::string layers(const recipe::Model& model) {
  return std::to_string(model.layers) + " of width " + std::to_string(model.hidden_size) + ", " +
         std::to_string(model.heads) + " heads, inner width " +
         std::to_string(model.intermediate_size) + (model.gated ? ", gated" : "");
}

std::string heads(const NamedTensors& weights, const std::string& architecture) {
  const auto has = [&](const char* prefix) {
    return std::any_of(weights.begin(), weights.end(),
                       [&](const auto& entry) { return entry.first.starts_with(prefix); });
  };
  std::string text;
  const auto add = [&](bool there, const char* head) {
    if (there) text += (text.empty() ? "" : ", ") + std::string(head);
  };
  add(architecture.ends_with("ForMaskedLM") || architecture.ends_with("ForPreTraining"),
      "masked tokens");
  add(has("task.pooler."), "pooler");
  add(has("task.classifier."), "task");
  return text.empty() ? "none" : text;
}

std::string sequence_length(const recipe::Sequence& sequence) {
  const std::string tokens = format_count(sequence.length);
  return sequence.document_mask ? tokens + ", tokens see their own document only" : tokens;
}

}  // namespace

ModelCard make_card(const CardParts& parts, const fs::path& folder) {
  const recipe::Recipe& recipe = parts.recipe;
  ModelCard card;
  card.architecture = parts.config.at("architectures").at(0);
  const Family* family = find_family(parts.config.at("model_type").get<std::string>());
  card.stock = family != nullptr && family->stock;
  card.title = recipe.data.sources.empty() ? card.architecture : recipe.name;
  const std::string kind = tokenizer_kind(folder);
  card.model = {
      {"architecture", card.architecture},
      {"parameters", format_count(count_parameters(parts.weights))},
      {"layers", layers(recipe.model)},
      {"sequence length", sequence_length(recipe.sequence)},
      {"vocabulary", format_count(parts.config.at("vocab_size").get<std::int64_t>()) + " tokens" +
                         (kind.empty() ? "" : ", " + kind)},
      {"heads", heads(parts.weights, card.architecture)},
  };
  card.training = parts.training;
  return card;
}

void write_card(const fs::path& folder, const ModelCard& card) {
  write_file_atomic(folder / kCardFile, render_card(card));
}

}  // namespace cram::checkpoint
