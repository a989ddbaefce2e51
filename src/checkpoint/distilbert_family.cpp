#include "cram/checkpoint/model_folder.h"

#include "bert_family.h"

namespace cram::checkpoint {

namespace {

constexpr double kNormEpsilon = 1e-12;

recipe::Model read_config(const JsonObject& config) {
  constexpr JsonObject::Real kShare{0, 1};
  refuse_decoders(config);
  recipe::Model model = original_bert();
  model.layers = config.whole("n_layers", {1, 1024});
  model.hidden_size = config.whole("dim", {1, 65536});
  model.heads = config.whole("n_heads", {1, 1024});
  model.intermediate_size = config.whole("hidden_dim", {1, 1 << 20});
  model.max_positions = config.whole("max_position_embeddings", {1, 1 << 20}, 512);
  model.segments = 0;
  model.activation = read_activation(config, "activation");
  model.norm_epsilon = kNormEpsilon;
  model.dropout = config.number("dropout", kShare, 0.1);
  model.attention_dropout = config.number("attention_dropout", kShare, 0.1);
  model.init_std = config.number("initializer_range", {1e-30, 10}, 0.02);
  check_heads(config, "n_heads", "dim");
  return model;
}

// An original BERT that knows no segments.
bool expresses(const recipe::Model& model) {
  recipe::Model with_segments = model;
  with_segments.segments = 2;
  return model.segments == 0 && model.norm_epsilon == kNormEpsilon &&
         is_original_bert(with_segments);
}

nlohmann::ordered_json write_config(const recipe::Model& model, const Sizes& sizes) {
  return {
      {"n_layers", model.layers},
      {"dim", model.hidden_size},
      {"n_heads", model.heads},
      {"hidden_dim", model.intermediate_size},
      {"activation", activation_name(model.activation)},
      {"dropout", model.dropout},
      {"attention_dropout", model.attention_dropout},
      {"max_position_embeddings", sizes.positions},
      {"initializer_range", model.init_std},
      {"sinusoidal_pos_embds", false},
  };
}

Parts encoder_names() {
  using enum PartKind;
  const std::string tables = "distilbert.embeddings.", layer = "distilbert.transformer.layer.*.";
  const std::string self = layer + "attention.";
  return {
      {"embeddings.token", {tables + "word_embeddings"}, kTable, &Sizes::vocabulary},
      {"embeddings.position", {tables + "position_embeddings"}, kTable, &Sizes::positions},
      {"embeddings.norm", {tables + "LayerNorm"}, kNorm},
      {"layers.*.attention.qkv",
       {self + "q_lin", self + "k_lin", self + "v_lin"},
       kDense,
       &Sizes::qkv},
      {"layers.*.attention.output", {self + "out_lin"}},
      {"layers.*.attention.norm", {layer + "sa_layer_norm"}, kNorm},
      {"layers.*.feed_forward.input", {layer + "ffn.lin1"}, kDense, &Sizes::first},
      {"layers.*.feed_forward.output", {layer + "ffn.lin2"}, kDense, &Sizes::hidden, &Sizes::inner},
      {"layers.*.feed_forward.norm", {layer + "output_layer_norm"}, kNorm}};
}

// The layer before its classifier of sequences has another function than ours.
NameTable names(const recipe::Model&) {
  using enum PartKind;
  return {.prefix = "distilbert.",
          .base_starts = {"embeddings.", "transformer."},
          .encoder = encoder_names(),
          .masked_lm = {{"head.transform", {"vocab_transform"}},
                        {"head.norm", {"vocab_layer_norm"}, kNorm},
                        {"head.decoder", {"vocab_projector"}, kBias, &Sizes::vocabulary}},
          .labels = {{"task.classifier", {"classifier"}, kDense, &Sizes::outputs}},
          .spans = {{"task.classifier", {"qa_outputs"}, kDense, &Sizes::outputs}},
          .repeats = {{"vocab_projector.weight", "distilbert.embeddings.word_embeddings.weight"}},
          .ignored = {"distilbert.embeddings.position_ids"}};
}

}  // namespace

Family distilbert_family() {
  return {.model_type = "distilbert",
          .class_prefix = "DistilBert",
          .read_config = read_config,
          .names = names,
          .expresses = expresses,
          .write_config = write_config};
}

}  // namespace cram::checkpoint
