#include "bert_family.h"

namespace cram::checkpoint {

namespace {

recipe::Model read_config(const JsonObject& config) {
  refuse_decoders(config);
  // The layer before the decoder has a function of its own, which is always this one.
  if (config.text("hidden_act", "gelu") != "gelu") config.refuse("hidden_act", "gelu");
  recipe::Model model = original_bert();
  read_bert_layers(config, model);
  if (config.whole("embedding_size", {1, 65536}, 128) != model.hidden_size) {
    config.refuse("embedding_size", "'hidden_size': embeddings of another width are not supported");
  }
  model.max_positions = config.whole("max_position_embeddings", {1, 1 << 20});
  model.segments = config.whole("type_vocab_size", {1, 16}, 2);
  return model;
}

// Of the heads, the generator's is read. The discriminator's says which tokens were replaced, and
// the classifier of sequences has a layer with another function than ours.
NameTable names(const recipe::Model&) {
  using enum PartKind;
  return {.prefix = "electra.",
          .base_starts = {"embeddings.", "encoder."},
          .encoder = bert_encoder_names("electra."),
          .masked_lm = {{"head.transform", {"generator_predictions.dense"}},
                        {"head.norm", {"generator_predictions.LayerNorm"}, kNorm},
                        {"head.decoder", {"generator_lm_head"}, kBias, &Sizes::vocabulary}},
          .labels = {{"task.classifier", {"classifier"}, kDense, &Sizes::outputs}},
          .spans = {{"task.classifier", {"qa_outputs"}, kDense, &Sizes::outputs}},
          .ignored = {"electra.embeddings.position_ids", "electra.embeddings.token_type_ids",
                      "generator_lm_head.weight", "discriminator_predictions.", "classifier.dense.",
                      "classifier.out_proj."}};
}

}  // namespace

Family electra_family() {
  return {.model_type = "electra",
          .class_prefix = "Electra",
          .read_config = read_config,
          .names = names};
}

}  // namespace cram::checkpoint
