#include "crammed_family.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/ops/scalar_tensor.h>

namespace cram::checkpoint {

namespace {

using nlohmann::ordered_json;
using recipe::Activation;
using recipe::Positions;

struct ActivationName {
  std::string_view theirs;
  Activation ours;
};
constexpr std::array kActivations = {ActivationName{"GELU", Activation::kGelu},
                                     ActivationName{"ReLU", Activation::kRelu},
                                     ActivationName{"SiLU", Activation::kSilu}};
constexpr const char* kGate = "glu";  // at the end of an activation's name
constexpr const char* kScaled = "scaled-sinusoidal";
constexpr const char* kUnscaled = "sinusoidal";

void read_activation(const JsonObject& arch, recipe::Model& model) {
  const std::string name = arch.text("nonlin");
  for (const auto& [theirs, ours] : kActivations) {
    model.activation = ours;
    model.gated = name == std::string(theirs) + kGate;
    if (model.gated || name == theirs) return;
  }
  arch.refuse("nonlin", "GELU, ReLU or SiLU, with or without \"glu\" behind it");
}

Positions read_positions(const JsonObject& embedding) {
  const std::string name = embedding.text("pos_embedding");
  if (name == kScaled) return Positions::kScaledSinusoidal;
  if (name == kUnscaled) return Positions::kSinusoidal;
  embedding.refuse("pos_embedding", std::string(kScaled) + " or " + kUnscaled);
}

void refuse_other_kinds(const JsonObject& arch, const JsonObject& attention) {
  const struct {
    const JsonObject& in;
    const char *key, *wanted;
  } kinds[] = {{arch, "norm", "LayerNorm"},
               {arch, "norm_scheme", "pre"},
               {attention, "type", "self-attention"},
               {attention, "sequence_op", "torch-softmax"}};
  for (const auto& [in, key, wanted] : kinds) {
    if (in.text(key, wanted) != wanted) in.refuse(key, wanted);
  }
  const struct {
    const JsonObject& in;
    const char* key;
    bool wanted;
  } flags[] = {{arch, "skip_head_transform", true},
               {attention, "causal_attention", false},
               {attention, "skip_output_projection", false},
               {attention, "rotary_embedding", false},
               {attention, "qkv_bias", arch.flag("use_bias")}};
  for (const auto& [in, key, wanted] : flags) {
    if (in.flag(key) != wanted) in.refuse(key, wanted ? "true" : "false");
  }
}

// Sizes that are there in two places or have to divide each other.
void check_sizes(const recipe::Model& model, const JsonObject& arch, const JsonObject& embedding,
                 const JsonObject& attention) {
  if (model.hidden_size % 2 != 0) arch.refuse("hidden_size", "an even number");
  if (model.hidden_size % model.heads != 0) {
    attention.refuse("num_attention_heads", "a divisor of 'arch.hidden_size'");
  }
  if (embedding.whole("embedding_dim", {1, 65536}) != model.hidden_size) {
    embedding.refuse("embedding_dim", "as 'arch.hidden_size': there is no other width here");
  }
  if (embedding.number("dropout_prob", {0, 1}) != model.dropout) {
    embedding.refuse("dropout_prob", "as 'arch.hidden_dropout_prob': there is one rate here");
  }
}

recipe::Model read_config(const JsonObject& config) {
  constexpr JsonObject::Real kShare{0, 1};
  const JsonObject arch = config.object("arch");
  const JsonObject embedding = arch.object("embedding"), attention = arch.object("attention");
  refuse_other_kinds(arch, attention);
  recipe::Model model;
  read_activation(arch, model);
  model.layers = arch.whole("num_transformer_layers", {1, 1024});
  model.hidden_size = arch.whole("hidden_size", {1, 65536});
  model.heads = attention.whole("num_attention_heads", {1, 1024});
  // Theirs are the rows of the first matrix, with those of the gate.
  const std::int64_t rows = arch.whole("intermed_size", {1, 1 << 20});
  if (model.gated && rows % 2 != 0) arch.refuse("intermed_size", "an even number");
  model.intermediate_size = model.gated ? rows / 2 : rows;
  model.norm_epsilon = arch.number("norm_eps", {1e-30, 1});
  model.attention_bias = model.feed_forward_bias = arch.flag("use_bias");
  model.positions = read_positions(embedding);
  model.max_positions = embedding.whole("max_seq_length", {1, 1 << 20});
  model.embedding_norm = embedding.flag("normalization");
  model.final_norm = arch.flag("final_norm");
  model.decoder_bias = arch.flag("decoder_bias");
  model.dropout = arch.number("hidden_dropout_prob", kShare);
  model.attention_dropout = attention.number("dropout_prob", kShare);
  model.init_std = arch.object("init").number("std", {1e-30, 10});
  check_sizes(model, arch, embedding, attention);
  return model;
}

std::int64_t read_vocabulary(const JsonObject& config) {
  return config.object("arch").object("embedding").whole("vocab_size", {1, 1 << 22});
}

const ActivationName* find_name(Activation activation) {
  const auto* found =
      std::find_if(kActivations.begin(), kActivations.end(),
                   [&](const ActivationName& known) { return known.ours == activation; });
  return found == kActivations.end() ? nullptr : found;
}

// Equal to a crammed BERT in all that their options do not say.
bool expresses(const recipe::Model& model) {
  recipe::Model same = with_sizes_of(model, {});
  same.activation = model.activation;
  same.gated = model.gated;
  same.attention_bias = same.feed_forward_bias = model.attention_bias;
  same.positions = model.positions;
  same.embedding_norm = model.embedding_norm;
  same.final_norm = model.final_norm;
  same.decoder_bias = model.decoder_bias;
  const bool sines =
      model.positions == Positions::kScaledSinusoidal || model.positions == Positions::kSinusoidal;
  return model == same && sines && find_name(model.activation) != nullptr;
}

ordered_json embedding_options(const recipe::Model& model, const Sizes& sizes) {
  return {{"vocab_size", sizes.vocabulary},
          {"pos_embedding", model.positions == Positions::kSinusoidal ? kUnscaled : kScaled},
          {"dropout_prob", model.dropout},
          {"pad_token_id", nullptr},
          {"max_seq_length", sizes.positions},
          {"embedding_dim", model.hidden_size},
          {"normalization", model.embedding_norm}};
}

ordered_json attention_options(const recipe::Model& model) {
  return {{"type", "self-attention"},           {"causal_attention", false},
          {"num_attention_heads", model.heads}, {"dropout_prob", model.attention_dropout},
          {"skip_output_projection", false},    {"qkv_bias", model.attention_bias},
          {"rotary_embedding", false},          {"seq_op_in_fp32", false},
          {"sequence_op", "torch-softmax"}};
}

// The paper's: their class for labels makes its head anew.
ordered_json head_options() {
  return {{"pooler", "avg"},
          {"include_ff_layer", true},
          {"head_dim", 1024},
          {"nonlin", "Tanh"},
          {"classifier_dropout", 0.1}};
}

ordered_json write_config(const recipe::Model& model, const Sizes& sizes) {
  const std::string activation(find_name(model.activation)->theirs);
  return {{"architectures", {"ScriptableLMForPreTraining"}},
          {"arch",
           {{"architectures", {"ScriptableCrammedBERT"}},
            {"num_transformer_layers", model.layers},
            {"hidden_size", model.hidden_size},
            {"intermed_size", sizes.first},
            {"hidden_dropout_prob", model.dropout},
            {"norm", "LayerNorm"},
            {"norm_eps", model.norm_epsilon},
            {"norm_scheme", "pre"},
            {"nonlin", activation + (model.gated ? kGate : "")},
            {"tie_weights", true},
            {"decoder_bias", model.decoder_bias},
            {"sparse_prediction", false},
            {"loss", "cross-entropy"},
            {"objective_layout", "MLM"},
            {"embedding", embedding_options(model, sizes)},
            {"attention", attention_options(model)},
            {"init", {{"type", "normal"}, {"std", model.init_std}}},
            {"ffn_layer_frequency", 1},
            {"skip_head_transform", true},
            {"use_bias", model.attention_bias},
            {"final_norm", model.final_norm},
            {"num_labels", nullptr},
            {"classification_head", head_options()}}}};
}

Parts encoder_names(const recipe::Model& model) {
  using enum PartKind;
  const std::string tables = "encoder.embedding.", layer = "encoder.layers.*.";
  const PartKind linear = model.attention_bias ? kDense : kMatrix;
  Parts parts = {{"embeddings.token", {tables + "word_embedding"}, kTable, &Sizes::vocabulary},
                 {"layers.*.attention.norm", {layer + "norm1"}, kNorm},
                 {.ours = "layers.*.attention.qkv",
                  .theirs = {layer + "attn.self_attention.query_key_value"},
                  .kind = linear,
                  .rows = &Sizes::qkv,
                  .heads = model.heads},
                 {"layers.*.attention.output", {layer + "attn.dense"}, linear},
                 {"layers.*.feed_forward.norm", {layer + "norm2"}, kNorm},
                 {"layers.*.feed_forward.input", {layer + "ffn.dense_in"}, linear, &Sizes::first},
                 {"layers.*.feed_forward.output",
                  {layer + "ffn.dense_out"},
                  linear,
                  &Sizes::hidden,
                  &Sizes::inner}};
  if (model.positions == Positions::kScaledSinusoidal) {
    parts.push_back(
        {"embeddings.position_scale", {tables + "pos_embedding.scale_factor"}, kScalar});
  }
  if (model.embedding_norm) parts.push_back({"embeddings.norm", {tables + "norm"}, kNorm});
  if (model.final_norm) parts.push_back({"final_norm", {"encoder.final_norm"}, kNorm});
  return parts;
}

NameTable names(const recipe::Model& model) {
  NameTable table = {.prefix = "encoder.",
                     .base_starts = {"embedding.", "layers.", "final_norm."},
                     .encoder = encoder_names(model),
                     .repeats = {{"decoder.weight", "encoder.embedding.word_embedding.weight"}},
                     .writes_repeats = true};
  if (model.decoder_bias) {
    table.masked_lm = {{"head.decoder", {"decoder"}, PartKind::kBias, &Sizes::vocabulary}};
  }
  const auto head_size = static_cast<double>(model.hidden_size / model.heads);
  for (std::int64_t i = 0; i < model.layers; ++i) {
    table.constants.emplace_back(
        "encoder.layers." + std::to_string(i) + ".attn.self_attention.norm_factor",
        at::scalar_tensor(1 / std::sqrt(head_size)));
  }
  return table;
}

}  // namespace

Family crammed_family() {
  return {.model_type = "crammedBERT",
          .class_prefix = "ScriptableLM",
          .read_config = read_config,
          .names = names,
          .expresses = expresses,
          .write_config = write_config,
          .stock = false,
          .read_vocabulary = read_vocabulary};
}

}  // namespace cram::checkpoint
