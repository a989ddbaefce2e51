#include "cram/checkpoint/model_folder.h"
#include "cram/model/size.h"

#include "bert_family.h"

namespace cram::checkpoint {

namespace {

bool is_narrow(const recipe::Model& model) {
  return model::embedding_width(model) != model.hidden_size;
}

recipe::Model read_config(const JsonObject& config) {
  refuse_decoders(config);
  // The layer before the decoder has a function of its own, which is always this one.
  if (config.text("hidden_act", "gelu") != "gelu") config.refuse("hidden_act", "gelu");
  recipe::Model model = original_bert();
  read_bert_layers(config, model);
  model.embedding_size = config.whole("embedding_size", {1, 65536}, 128);
  if (!is_narrow(model)) model.embedding_size = 0;
  read_bert_tables(config, model);
  return model;
}

// An original BERT but for the width of its embeddings, whatever makes them as wide as the rest.
bool expresses(const recipe::Model& model) {
  recipe::Model wide = model;
  wide.embedding_size = 0;
  return is_narrow(model) && model.activation == recipe::Activation::kGelu &&
         is_original_bert(wide);
}

nlohmann::ordered_json write_config(const recipe::Model& model, const Sizes& sizes) {
  nlohmann::ordered_json config = write_bert_config(model, sizes);
  config["embedding_size"] = sizes.embedding;
  return config;
}

// Of the heads, the generator's is read. The discriminator's says which tokens were replaced, and
// the classifier of sequences has a layer with another function than ours.
NameTable names(const recipe::Model& model) {
  using enum PartKind;
  NameTable table = {
      .prefix = "electra.",
      .base_starts = {"embeddings.", "embeddings_project.", "encoder."},
      .encoder = bert_encoder_names("electra."),
      .masked_lm = {{"head.transform", {"generator_predictions.dense"}, kDense, &Sizes::embedding},
                    {"head.norm", {"generator_predictions.LayerNorm"}, kNorm, &Sizes::embedding},
                    {"head.decoder", {"generator_lm_head"}, kBias, &Sizes::vocabulary}},
      .labels = {{"task.classifier", {"classifier"}, kDense, &Sizes::outputs}},
      .spans = {{"task.classifier", {"qa_outputs"}, kDense, &Sizes::outputs}},
      .repeats = {{"generator_lm_head.weight", "electra.embeddings.word_embeddings.weight"}},
      .ignored = {"electra.embeddings.position_ids", "electra.embeddings.token_type_ids"}};
  if (is_narrow(model)) {
    table.encoder.push_back({"embeddings.projection",
                             {"electra.embeddings_project"},
                             kDense,
                             &Sizes::hidden,
                             &Sizes::embedding});
  }
  return table;
}

}  // namespace

Family electra_family() {
  return {.model_type = "electra",
          .class_prefix = "Electra",
          .read_config = read_config,
          .names = names,
          .expresses = expresses,
          .write_config = write_config};
}

}  // namespace cram::checkpoint
