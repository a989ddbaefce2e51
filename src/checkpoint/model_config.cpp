#include "model_config.h"

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "strict_json.h"

namespace cram::checkpoint {

namespace {

using nlohmann::ordered_json;

// Of a model with our names: the family whose keys describe it all the same.
constexpr const char* kDescription = "described_as";

std::int64_t rows(const NamedTensors& weights, const std::string& name) {
  for (const auto& [own, tensor] : weights) {
    if (own == name) return tensor.size(0);
  }
  throw Error(ErrorCode::kInternal, "the model has no " + name);
}

}  // namespace

ordered_json make_config(const Family* family, const recipe::Recipe& recipe,
                         const NamedTensors& weights, const tokenizer::Tokenizer& tokenizer) {
  const recipe::Model& model = recipe.model;
  const std::int64_t vocabulary = rows(weights, "embeddings.token");
  const tokenizer::SpecialTokens& special = tokenizer.special_tokens();
  ordered_json config = {
      {"architectures", {(family == nullptr ? "Cram" : family->class_prefix) + "ForMaskedLM"}},
      {"model_type", family == nullptr ? "cram" : family->model_type},
      {"vocab_size", vocabulary},
      {"hidden_size", model.hidden_size},
      {"num_hidden_layers", model.layers},
      {"num_attention_heads", model.heads},
      {"intermediate_size", model.intermediate_size},
      {"pad_token_id", special.pad},
      {"bos_token_id", special.cls},
      {"eos_token_id", special.sep},
      {"cls_token_id", special.cls},
      {"sep_token_id", special.sep},
      {"tie_word_embeddings", model.tie_decoder},
      {"torch_dtype", "float32"},
  };
  const Family* description = family != nullptr ? family : family_expressing(model);
  if (description == nullptr) {
    config["max_position_embeddings"] = recipe.sequence.length;
    return config;
  }
  if (family == nullptr) config[kDescription] = description->model_type;
  config.update(description->write_config(model, Sizes::of(recipe, vocabulary)));
  return config;
}

std::string render_config(const ordered_json& config) { return config.dump(2) + "\n"; }

Config read_config(const std::filesystem::path& path) {
  Config result{.json = parse_strict_json(read_file(path, 1 << 24), 16, path.string())};
  const JsonObject config(result.json, path.string());
  const std::string type = config.text("model_type");
  const bool own = type == "cram";
  if (!own) result.names = find_family(type);
  result.description = own ? find_family(config.text(kDescription, "")) : result.names;
  if (own || result.names != nullptr) return result;
  throw Error(ErrorCode::kData, path.string() + ": model_type " + printable(type) + " is not known",
              known_families() + " can be read");
}

}  // namespace cram::checkpoint
