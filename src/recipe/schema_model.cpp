// What is trained and on which task: model, objective.
#include "section_builder.h"

namespace cram::recipe {
namespace {

Condition layer_norm() {
  return {"model.norm is layernorm", {"model.norm"}, [](const Recipe& recipe) {
            return recipe.model.norm == NormType::kLayerNorm;
          }};
}

Condition rotary() {
  return {"model.positions is rotary", {"model.positions"}, [](const Recipe& recipe) {
            return recipe.model.positions == Positions::kRotary;
          }};
}

Condition position_table() {
  return {"model.positions is not rotary", {"model.positions"}, [](const Recipe& recipe) {
            return recipe.model.positions != Positions::kRotary;
          }};
}

Condition pre_norm() {
  return {"model.norm_position is pre", {"model.norm_position"}, [](const Recipe& recipe) {
            return recipe.model.norm_position == NormPosition::kPre;
          }};
}

Condition local_layers() {
  return {"model.local_attention is not 0", {"model.local_attention"}, [](const Recipe& recipe) {
            return recipe.model.local_attention > 0;
          }};
}

Condition rotary_local_layers() {
  return {"model.positions is rotary and model.local_attention is not 0",
          {"model.positions", "model.local_attention"},
          [](const Recipe& recipe) {
            return recipe.model.positions == Positions::kRotary && recipe.model.local_attention > 0;
          }};
}

Condition free_init_std() {
  return {"model.init is normal or deepnorm", {"model.init"}, [](const Recipe& recipe) {
            return recipe.model.init == Init::kNormal || recipe.model.init == Init::kDeepNorm;
          }};
}

Condition several_layers() {
  return {"model.layers is more than 1", {"model.layers"}, [](const Recipe& recipe) {
            return recipe.model.layers > 1;
          }};
}

using ModelBuilder = SectionBuilder<Model>;

void add_shape(ModelBuilder& section) {
  section.add("layers", &Model::layers, count(1, 1024), "encoder layers")
      .add("hidden_size", &Model::hidden_size, count(1, 65536), "width of the hidden states")
      .add("embedding_size", &Model::embedding_size, count(0, 65536),
           "width of the embeddings, which a matrix brings to hidden_size as in ELECTRA; 0: the "
           "same")
      .add("heads", &Model::heads, count(1, 1024), "attention heads; they divide hidden_size")
      .add("intermediate_size", &Model::intermediate_size, count(1, 1 << 20),
           "inner width of the feed-forward part; a gate adds a second one beside it");
}

void add_layers(ModelBuilder& section) {
  section
      .add("norm_position", &Model::norm_position, choice({"pre", "post"}),
           "norms before each part of a layer, or after its residual sum as in the first BERT")
      .add("norm", &Model::norm, choice({"layernorm", "rmsnorm"}), "kind of all norms")
      .add("norm_epsilon", &Model::norm_epsilon, number(Range::inside(0, 1)),
           "added to the variance")
      .add("norm_bias", &Model::norm_bias, flag(), "norms have a bias", layer_norm())
      .add("activation", &Model::activation,
           choice({"gelu", "gelu-tanh", "relu", "relu-squared", "silu"}),
           "of the feed-forward part and the bert head")
      .add("gated", &Model::gated, flag(), "feed-forward with a gate (GLU)")
      .add("attention_bias", &Model::attention_bias, flag(), "biases in attention")
      .add("feed_forward_bias", &Model::feed_forward_bias, flag(),
           "biases in the feed-forward part")
      .add("qk_norm", &Model::qk_norm, flag(),
           "divide each head's queries and keys by their root mean square")
      .add("value_residual", &Model::value_residual, flag(),
           "later layers mix the first one's values into theirs, by a learned share",
           several_layers())
      .add("input_shortcut", &Model::input_shortcut, flag(),
           "later layers add the embeddings to their input, by a learned weight that starts at 0",
           several_layers())
      .add("local_attention", &Model::local_attention, count(0, 1 << 20),
           "tokens around a token, half to each side, that a local layer sees; 0: none is local")
      .add("global_every", &Model::global_every, count(1, 1024),
           "the first layer and every so many after it see the whole sequence", local_layers());
}

void add_embeddings(ModelBuilder& section) {
  section
      .add("positions", &Model::positions,
           choice({"learned", "sinusoidal", "scaled-sinusoidal", "rotary"}),
           "how the model knows where a token stands")
      .add("rotary_base", &Model::rotary_base, number(Range::above(1)),
           "longest wavelength of rotary positions, over 2 pi", rotary())
      .add("local_rotary_base", &Model::local_rotary_base, number(Range::above(1)),
           "the same in local layers", rotary_local_layers())
      .add("max_positions", &Model::max_positions, count(0, 1 << 20),
           "rows of the position table; 0: sequence.length", position_table())
      .add("segments", &Model::segments, count(0, 16),
           "token-type embeddings: 2 in BERT, 0 for none")
      .add("embedding_norm", &Model::embedding_norm, flag(), "norm after the embeddings")
      .add("first_attention_norm", &Model::first_attention_norm, flag(),
           "norm before the first layer's attention, too; embedding_norm may do for it", pre_norm())
      .add("final_norm", &Model::final_norm, flag(), "norm after the last layer");
}

void add_head(ModelBuilder& section) {
  section
      .add("head_transform", &Model::head_transform,
           choice({"none", "linear", "bert", "modern-bert"}),
           "before the decoder: nothing, a matrix, BERT's dense layer, activation and norm, or "
           "the same without the layer's bias")
      .add("tie_decoder", &Model::tie_decoder, flag(), "decode with the token embeddings")
      .add("decoder_bias", &Model::decoder_bias, flag(),
           "one bias for each token of the vocabulary")
      .add("logit_softcap", &Model::logit_softcap, number(Range::at_least(0)),
           "replaces logits z by c*tanh(z/c); 0: none");
}

void add_training(ModelBuilder& section) {
  section.add("dropout", &Model::dropout, number(Range::from_below(0, 1)), "of hidden states")
      .add("attention_dropout", &Model::attention_dropout, number(Range::from_below(0, 1)),
           "of attention weights")
      .add("init", &Model::init, choice({"normal", "small", "wang", "megatron", "deepnorm"}),
           "scheme of the initial weights")
      .add("init_std", &Model::init_std, number(Range::inside(0, 10)),
           "standard deviation of the initial weights; of the embeddings with deepnorm",
           free_init_std())
      .add("zero_init_output", &Model::zero_init_output, flag(),
           "output matrices start at zero, so that each layer starts as the identity");
}

Section model_section() {
  ModelBuilder section("model", {&Recipe::model}, "the encoder", Decides::kState);
  section.add("from", &Model::from, maybe_text(),
              "folder of a pretrained model, or its run, to go on with: its architecture, weights "
              "and tokenizer, outside the rules of cramming; empty: fresh weights");
  add_shape(section);
  add_layers(section);
  add_embeddings(section);
  add_head(section);
  add_training(section);
  return section.build();
}

Section objective_section() {
  return SectionBuilder<Objective>("objective", {&Recipe::objective}, "masked-token prediction")
      .add("masking_rate", &Objective::masking_rate, number(Range::inside(0, 1)),
           "share of a sequence's positions that are predicted")
      .add("masking_rate_end", &Objective::masking_rate_end, number(Range::inside(0, 1)),
           "masking_rate moves linearly to this over the budget")
      .add("mask_share", &Objective::mask_share, number(Range::between(0, 1)),
           "share of the predicted positions that show [MASK]")
      .add("random_share", &Objective::random_share, number(Range::between(0, 1)),
           "share that shows a random token; the rest is unchanged")
      .add("whole_word", &Objective::whole_word, flag(), "mask whole words, not single tokens")
      .add(
          "z_loss", &Objective::z_loss, number(Range::between(0, 1)),
          "times the squared logarithm of the softmax's denominator is added to the training loss, "
          "1e-4 in PaLM; 0: none")
      .build();
}

}  // namespace

std::vector<Section> model_sections(Purpose purpose) {
  if (purpose == Purpose::kFineTuning) return {};
  return {model_section(), objective_section()};
}

}  // namespace cram::recipe
