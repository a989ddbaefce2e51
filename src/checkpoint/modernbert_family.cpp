#include "modernbert_family.h"

#include <algorithm>

#include "bert_family.h"

namespace cram::checkpoint {

namespace {

using nlohmann::ordered_json;
using recipe::HeadTransform;
using recipe::Positions;

constexpr JsonObject::Real kEpsilon{1e-30, 1}, kBase{1, 1e12}, kShare{0, 1};
constexpr const char* kGlobal = "full_attention";
constexpr const char* kLocal = "sliding_attention";

// All that makes a ModernBERT but its sizes and its biases.
recipe::Model modernbert() {
  recipe::Model model;
  model.positions = Positions::kRotary;
  model.first_attention_norm = false;
  model.head_transform = HeadTransform::kModernBert;
  return model;
}

// The base of the rotary positions of one kind of layers; `key` is where older files have it, and
// newer ones that do not say it in their place.
double rotary_base(const JsonObject& config, const char* kind, const char* key, double fallback) {
  const double base = config.number(key, kBase, fallback);
  if (!config.has("rope_parameters")) return base;
  const JsonObject all = config.object("rope_parameters");
  if (!all.has(kind)) return base;
  const JsonObject rope = all.object(kind);
  for (const char* type : {"rope_type", "type"}) {
    if (rope.text(type, "default") != "default") rope.refuse(type, "default");
  }
  return rope.number("rope_theta", kBase, base);
}

// Which layers are local: said one by one, or by a number.
void read_layer_types(const JsonObject& config, recipe::Model& model) {
  model.local_attention = config.whole("local_attention", {2, 1 << 20}, 128);
  model.global_every = config.whole("global_attn_every_n_layers", {1, 1024}, 3);
  if (config.has("layer_types")) {
    const std::vector<std::string> types = config.texts("layer_types");
    if (std::ssize(types) != model.layers) config.refuse("layer_types", "a type for each layer");
    model.global_every = std::find(types.begin() + 1, types.end(), kGlobal) - types.begin();
    for (std::int64_t i = 0; i < model.layers; ++i) {
      if (types[static_cast<std::size_t>(i)] == (i % model.global_every == 0 ? kGlobal : kLocal)) {
        continue;
      }
      config.refuse("layer_types", "one of every so many layers with full attention");
    }
  }
  if (model.global_every == 1) model.local_attention = 0;
}

void read_sizes(const JsonObject& config, recipe::Model& model) {
  model.layers = config.whole("num_hidden_layers", {1, 1024});
  model.hidden_size = config.whole("hidden_size", {1, 65536});
  model.heads = config.whole("num_attention_heads", {1, 1024});
  model.intermediate_size = config.whole("intermediate_size", {1, 1 << 20});
  model.max_positions = config.whole("max_position_embeddings", {1, 1 << 20}, 8192);
  check_heads(config, "num_attention_heads", "hidden_size");
  if (model.hidden_size / model.heads % 2 != 0) {
    config.refuse("num_attention_heads", "a number of heads of even size");
  }
}

recipe::Model read_config(const JsonObject& config) {
  if (!config.flag("tie_word_embeddings", true)) config.refuse("tie_word_embeddings", "true");
  if (config.flag("classifier_bias", false)) config.refuse("classifier_bias", "false");
  if (config.has("rope_scaling")) config.refuse("rope_scaling", "null");
  recipe::Model model = modernbert();
  read_sizes(config, model);
  read_layer_types(config, model);
  model.activation = read_activation(config, "hidden_activation");
  if (read_activation(config, "classifier_activation") != model.activation) {
    config.refuse("classifier_activation", "'hidden_activation'");
  }
  model.rotary_base = rotary_base(config, kGlobal, "global_rope_theta", 160000);
  model.local_rotary_base = rotary_base(config, kLocal, "local_rope_theta", 10000);
  model.norm_epsilon = config.number("norm_eps", kEpsilon, 1e-5);
  model.norm_bias = config.flag("norm_bias", false);
  model.attention_bias = config.flag("attention_bias", false);
  model.feed_forward_bias = config.flag("mlp_bias", false);
  model.decoder_bias = config.flag("decoder_bias", true);
  model.attention_dropout = config.number("attention_dropout", kShare, 0);
  model.init_std = config.number("initializer_range", {1e-30, 10}, 0.02);
  return model;
}

bool expresses(const recipe::Model& model) {
  recipe::Model same = with_sizes_of(model, modernbert());
  same.activation = model.activation;
  same.norm_bias = model.norm_bias;
  same.attention_bias = model.attention_bias;
  same.feed_forward_bias = model.feed_forward_bias;
  same.decoder_bias = model.decoder_bias;
  same.rotary_base = model.rotary_base;
  same.local_attention = model.local_attention;
  same.global_every = model.global_every;
  same.local_rotary_base = model.local_rotary_base;
  return model == same && model.dropout == 0.0 && model.local_attention % 2 == 0;
}

ordered_json layer_types(const recipe::Model& model) {
  ordered_json types = ordered_json::array();
  for (std::int64_t i = 0; i < model.layers; ++i) {
    const bool local = model.local_attention > 0 && i % model.global_every != 0;
    types.push_back(local ? kLocal : kGlobal);
  }
  return types;
}

ordered_json write_config(const recipe::Model& model, const Sizes& sizes) {
  const bool local = model.local_attention > 0;
  const auto rope = [](double base) {
    return ordered_json{{"rope_type", "default"}, {"rope_theta", base}};
  };
  const std::string activation = activation_name(model.activation);
  return {
      {"hidden_activation", activation},
      {"classifier_activation", activation},
      {"max_position_embeddings", sizes.positions},
      {"initializer_range", model.init_std},
      {"norm_eps", model.norm_epsilon},
      {"norm_bias", model.norm_bias},
      {"attention_bias", model.attention_bias},
      {"mlp_bias", model.feed_forward_bias},
      {"decoder_bias", model.decoder_bias},
      {"classifier_bias", false},
      {"attention_dropout", model.attention_dropout},
      {"layer_types", layer_types(model)},
      {"local_attention", local ? model.local_attention : 128},
      // Older versions know these instead of the lists.
      {"global_attn_every_n_layers", local ? model.global_every : 1},
      {"global_rope_theta", model.rotary_base},
      {"local_rope_theta", model.local_rotary_base},
      {"rope_parameters",
       {{kGlobal, rope(model.rotary_base)}, {kLocal, rope(model.local_rotary_base)}}},
  };
}

Parts encoder_names(const recipe::Model& model) {
  using enum PartKind;
  const std::string layer = "model.layers.*.";
  const PartKind norm = model.norm_bias ? kNorm : kGain;
  const PartKind attention = model.attention_bias ? kDense : kMatrix;
  const PartKind feed_forward = model.feed_forward_bias ? kDense : kMatrix;
  return {{"embeddings.token", {"model.embeddings.tok_embeddings"}, kTable, &Sizes::vocabulary},
          {"embeddings.norm", {"model.embeddings.norm"}, norm},
          {"final_norm", {"model.final_norm"}, norm},
          {"layers.*.attention.qkv", {layer + "attn.Wqkv"}, attention, &Sizes::qkv},
          {"layers.*.attention.output", {layer + "attn.Wo"}, attention},
          {.ours = "layers.*.attention.norm",
           .theirs = {layer + "attn_norm"},
           .kind = norm,
           .first_layer = 1},
          {.ours = "layers.*.feed_forward.input",
           .theirs = {layer + "mlp.Wi"},
           .kind = feed_forward,
           .rows = &Sizes::first,
           .swaps_halves = true},
          {"layers.*.feed_forward.output",
           {layer + "mlp.Wo"},
           feed_forward,
           &Sizes::hidden,
           &Sizes::inner},
          {"layers.*.feed_forward.norm", {layer + "mlp_norm"}, norm}};
}

NameTable names(const recipe::Model& model) {
  using enum PartKind;
  NameTable table = {.prefix = "model.",
                     .base_starts = {"embeddings.", "layers.", "final_norm."},
                     .encoder = encoder_names(model),
                     .masked_lm = {{"head.transform", {"head.dense"}, kMatrix},
                                   {"head.norm", {"head.norm"}, model.norm_bias ? kNorm : kGain}},
                     .repeats = {{"decoder.weight", "model.embeddings.tok_embeddings.weight"}},
                     .namesakes = {"classifier.", "qa_outputs."}};
  if (model.decoder_bias) {
    table.masked_lm.push_back({"head.decoder", {"decoder"}, kBias, &Sizes::vocabulary});
  }
  return table;
}

}  // namespace

Family modernbert_family() {
  return {.model_type = "modernbert",
          .class_prefix = "ModernBert",
          .read_config = read_config,
          .names = names,
          .expresses = expresses,
          .write_config = write_config};
}

}  // namespace cram::checkpoint
