#include "model_config.h"

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/checkpoint/model_folder.h"

#include "bert_config.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

using nlohmann::ordered_json;

std::int64_t rows(const NamedTensors& weights, const std::string& name) {
  for (const auto& [own, tensor] : weights) {
    if (own == name) return tensor.size(0);
  }
  throw Error(ErrorCode::kInternal, "the model has no " + name);
}

}  // namespace

ordered_json make_config(ModelType type, const recipe::Recipe& recipe, const NamedTensors& weights,
                         const tokenizer::Tokenizer& tokenizer) {
  const recipe::Model& model = recipe.model;
  const bool bert = type == ModelType::kBert;
  ordered_json config = {
      {"architectures", {bert ? "BertForMaskedLM" : "CramForMaskedLM"}},
      {"model_type", bert ? "bert" : "cram"},
      {"vocab_size", rows(weights, "embeddings.token")},
      {"hidden_size", model.hidden_size},
      {"num_hidden_layers", model.layers},
      {"num_attention_heads", model.heads},
      {"intermediate_size", model.intermediate_size},
      {"pad_token_id", tokenizer.special_tokens().pad},
      {"tie_word_embeddings", model.tie_decoder},
      {"torch_dtype", "float32"},
  };
  if (is_original_bert(model)) {
    config.update({
        {"hidden_act", bert_activation(model.activation)},
        {"hidden_dropout_prob", model.dropout},
        {"attention_probs_dropout_prob", model.attention_dropout},
        {"max_position_embeddings", rows(weights, "embeddings.position")},
        {"type_vocab_size", rows(weights, "embeddings.segment")},
        {"initializer_range", model.init_std},
        {"layer_norm_eps", model.norm_epsilon},
        {"position_embedding_type", "absolute"},
    });
  } else {
    config["max_position_embeddings"] = recipe.sequence.length;
  }
  return config;
}

std::string render_config(const ordered_json& config) { return config.dump(2) + "\n"; }

bool Config::describes_bert() const {
  return type == ModelType::kBert || json.contains("position_embedding_type");
}

Config read_config(const std::filesystem::path& path) {
  Config result{ModelType::kCram, parse_strict_json(read_file(path, 1 << 24), 16, path.string())};
  const nlohmann::json& config = result.json;
  const auto type = config.is_object() ? config.find("model_type") : config.end();
  if (type == config.end() || !type->is_string()) {
    throw Error(ErrorCode::kData, path.string() + ": no model_type");
  }
  if (*type == "bert") {
    result.type = ModelType::kBert;
  } else if (*type != "cram") {
    throw Error(
        ErrorCode::kData,
        path.string() + ": model_type " + printable(type->get<std::string>()) + " is not known",
        "bert and cram can be read");
  }
  return result;
}

}  // namespace cram::checkpoint
