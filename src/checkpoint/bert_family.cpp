#include "bert_family.h"

#include <algorithm>
#include <array>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"

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
    ActivationName{"swish", Activation::kSilu},
};

recipe::Model read_config(const JsonObject& config) {
  refuse_decoders(config);
  recipe::Model model = original_bert();
  read_bert_layers(config, model);
  read_bert_tables(config, model);
  return model;
}

NameTable names(const recipe::Model&) {
  using enum PartKind;
  const std::string tables = "bert.embeddings.", head = "cls.predictions.transform.";
  return {
      .prefix = "bert.",
      .base_starts = {"embeddings.", "encoder.", "pooler."},
      .encoder = bert_encoder_names("bert."),
      .masked_lm = {{"head.transform", {head + "dense"}},
                    {"head.norm", {head + "LayerNorm"}, kNorm},
                    {"head.decoder", {"cls.predictions"}, kBias, &Sizes::vocabulary}},
      .pooler = {{"task.pooler", {"bert.pooler.dense"}}},
      .labels = {{"task.classifier", {"classifier"}, kDense, &Sizes::outputs}},
      .spans = {{"task.classifier", {"qa_outputs"}, kDense, &Sizes::outputs}},
      .endings = {{"LayerNorm.gamma", "LayerNorm.weight"}, {"LayerNorm.beta", "LayerNorm.bias"}},
      .repeats = {{"cls.predictions.decoder.bias", "cls.predictions.bias"},
                  {"cls.predictions.decoder.weight", tables + "word_embeddings.weight"}},
      .ignored = {tables + "position_ids", tables + "token_type_ids"}};
}

}  // namespace

Family bert_family() {
  return {.model_type = "bert",
          .class_prefix = "Bert",
          .read_config = read_config,
          .names = names,
          .expresses = is_original_bert,
          .classifies = true,
          .write_config = write_bert_config};
}

bool is_original_bert(const recipe::Model& model) {
  recipe::Model same = with_sizes_of(model, original_bert());
  same.activation = model.activation;
  same.segments = model.segments;
  return model == same && model.segments > 0;
}

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

Parts bert_encoder_names(const std::string& prefix) {
  using enum PartKind;
  const std::string tables = prefix + "embeddings.", layer = prefix + "encoder.layer.*.";
  const Axis width = &Sizes::embedding;
  const std::string self = layer + "attention.self.";
  return {
      {"embeddings.token", {tables + "word_embeddings"}, kTable, &Sizes::vocabulary, width},
      {"embeddings.position", {tables + "position_embeddings"}, kTable, &Sizes::positions, width},
      {"embeddings.segment", {tables + "token_type_embeddings"}, kTable, &Sizes::segments, width},
      {"embeddings.norm", {tables + "LayerNorm"}, kNorm, width},
      {"layers.*.attention.qkv",
       {self + "query", self + "key", self + "value"},
       kDense,
       &Sizes::qkv},
      {"layers.*.attention.output", {layer + "attention.output.dense"}},
      {"layers.*.attention.norm", {layer + "attention.output.LayerNorm"}, kNorm},
      {"layers.*.feed_forward.input", {layer + "intermediate.dense"}, kDense, &Sizes::first},
      {"layers.*.feed_forward.output",
       {layer + "output.dense"},
       kDense,
       &Sizes::hidden,
       &Sizes::inner},
      {"layers.*.feed_forward.norm", {layer + "output.LayerNorm"}, kNorm}};
}

void refuse_decoders(const JsonObject& config) {
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

Activation read_activation(const JsonObject& config, const char* key) {
  const std::string name = config.text(key, "gelu");
  const auto* found =
      std::find_if(kActivations.begin(), kActivations.end(),
                   [&](const ActivationName& known) { return known.theirs == name; });
  if (found != kActivations.end()) return found->ours;
  std::string names;
  for (const ActivationName& known : kActivations) {
    names += (names.empty() ? "one of " : ", ") + std::string(known.theirs);
  }
  config.refuse(key, names);
}

std::string activation_name(Activation activation) {
  for (const ActivationName& known : kActivations) {
    if (known.ours == activation) return known.theirs;
  }
  throw Error(ErrorCode::kInternal, "an activation without a name in transformers");
}

void read_bert_layers(const JsonObject& config, recipe::Model& model) {
  constexpr JsonObject::Real kShare{0, 1};
  model.layers = config.whole("num_hidden_layers", {1, 1024});
  model.hidden_size = config.whole("hidden_size", {1, 65536});
  model.heads = config.whole("num_attention_heads", {1, 1024});
  model.intermediate_size = config.whole("intermediate_size", {1, 1 << 20});
  model.activation = read_activation(config, "hidden_act");
  model.norm_epsilon = config.number("layer_norm_eps", {1e-30, 1}, 1e-12);
  model.dropout = config.number("hidden_dropout_prob", kShare, 0.1);
  model.attention_dropout = config.number("attention_probs_dropout_prob", kShare, 0.1);
  model.init_std = config.number("initializer_range", {1e-30, 10}, 0.02);
  check_heads(config, "num_attention_heads", "hidden_size");
}

void read_bert_tables(const JsonObject& config, recipe::Model& model) {
  model.max_positions = config.whole("max_position_embeddings", {1, 1 << 20});
  model.segments = config.whole("type_vocab_size", {1, 16}, 2);
}

nlohmann::ordered_json write_bert_config(const recipe::Model& model, const Sizes& sizes) {
  return {
      {"hidden_act", activation_name(model.activation)},
      {"hidden_dropout_prob", model.dropout},
      {"attention_probs_dropout_prob", model.attention_dropout},
      {"max_position_embeddings", sizes.positions},
      {"type_vocab_size", sizes.segments},
      {"initializer_range", model.init_std},
      {"layer_norm_eps", model.norm_epsilon},
      {"position_embedding_type", "absolute"},
  };
}

void check_heads(const JsonObject& config, const char* heads, const char* width) {
  const std::int64_t size = config.whole(width, {1, 65536});
  if (size % config.whole(heads, {1, 1024}) == 0) return;
  config.refuse(heads, "a divisor of '" + std::string(width) + "', " + std::to_string(size));
}

}  // namespace cram::checkpoint
