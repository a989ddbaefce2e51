#include "bert_config.h"

#include <algorithm>
#include <array>

#include "cram/base/error.h"

#include "json_object.h"

namespace cram::checkpoint {

namespace {

using recipe::Activation;

struct ActivationName {
  const char* theirs;
  Activation ours;
};
// Of several names for one function, the first is the one to write.
constexpr std::array kActivations = {
    ActivationName{"gelu", Activation::kGelu},
    ActivationName{"gelu_pytorch_tanh", Activation::kGeluTanh},
    ActivationName{"gelu_new", Activation::kGeluTanh},
    ActivationName{"relu", Activation::kRelu},
    ActivationName{"relu2", Activation::kReluSquared},
    ActivationName{"silu", Activation::kSilu},
};

Activation read_activation(const JsonObject& config) {
  const std::string name = config.text("hidden_act", "gelu");
  const auto* found =
      std::find_if(kActivations.begin(), kActivations.end(),
                   [&](const ActivationName& known) { return known.theirs == name; });
  if (found != kActivations.end()) return found->ours;
  std::string names;
  for (const ActivationName& known : kActivations) {
    names += (names.empty() ? "one of " : ", ") + std::string(known.theirs);
  }
  config.refuse("hidden_act", names);
}

void refuse_other_models(const JsonObject& config) {
  if (config.text("position_embedding_type", "absolute") != "absolute") {
    config.refuse("position_embedding_type", "absolute");
  }
  const struct {
    const char* key;
    bool wanted;
  } flags[] = {
      {"is_decoder", false}, {"add_cross_attention", false}, {"tie_word_embeddings", true}};
  for (const auto& [key, wanted] : flags) {
    if (config.flag(key, wanted) != wanted) config.refuse(key, wanted ? "true" : "false");
  }
}

// All that makes a BERT original but its sizes.
recipe::Model original_bert() {
  recipe::Model model;
  model.norm_position = recipe::NormPosition::kPost;
  model.gated = false;
  model.attention_bias = true;
  model.feed_forward_bias = true;
  model.positions = recipe::Positions::kLearned;
  model.final_norm = false;
  model.head_transform = recipe::HeadTransform::kBert;
  model.decoder_bias = true;
  return model;
}

}  // namespace

BertConfig read_bert_config(const nlohmann::json& value, const std::string& where) {
  const JsonObject config(value, where);
  refuse_other_models(config);
  constexpr JsonObject::Real kShare{0, 1};
  recipe::Model model = original_bert();
  model.layers = config.whole("num_hidden_layers", {1, 1024});
  model.hidden_size = config.whole("hidden_size", {1, 65536});
  model.heads = config.whole("num_attention_heads", {1, 1024});
  model.intermediate_size = config.whole("intermediate_size", {1, 1 << 20});
  model.max_positions = config.whole("max_position_embeddings", {1, 1 << 20});
  model.segments = config.whole("type_vocab_size", {1, 16}, 2);
  model.activation = read_activation(config);
  model.norm_epsilon = config.number("layer_norm_eps", {1e-30, 1}, 1e-12);
  model.dropout = config.number("hidden_dropout_prob", kShare, 0.1);
  model.attention_dropout = config.number("attention_probs_dropout_prob", kShare, 0.1);
  model.init_std = config.number("initializer_range", {1e-30, 10}, 0.02);
  if (model.hidden_size % model.heads != 0) {
    config.refuse("num_attention_heads",
                  "a divisor of 'hidden_size', " + std::to_string(model.hidden_size));
  }
  return {.model = model, .vocab_size = config.whole("vocab_size", {1, 1 << 22})};
}

std::string bert_activation(Activation activation) {
  for (const ActivationName& known : kActivations) {
    if (known.ours == activation) return known.theirs;
  }
  throw Error(ErrorCode::kInternal, "an activation without a name in transformers");
}

}  // namespace cram::checkpoint
