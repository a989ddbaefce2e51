#include "bert_family.h"

namespace cram::checkpoint {

namespace {

constexpr std::int64_t kPad = 1;
// Rows of the position table up to that of padding, which no token ever sees.
constexpr std::int64_t kUnusedPositions = kPad + 1;

recipe::Model read_config(const JsonObject& config) {
  refuse_decoders(config);
  // The layer before the decoder has a function of its own, which is always this one.
  if (config.text("hidden_act", "gelu") != "gelu") config.refuse("hidden_act", "gelu");
  if (config.whole("pad_token_id", {0, 1 << 22}, kPad) != kPad) config.refuse("pad_token_id", "1");
  recipe::Model model = original_bert();
  read_bert_layers(config, model);
  model.max_positions =
      config.whole("max_position_embeddings", {kUnusedPositions + 1, 1 << 20}) - kUnusedPositions;
  model.segments = config.whole("type_vocab_size", {1, 16}, 2);
  return model;
}

Parts encoder_names() {
  Parts parts = bert_encoder_names("roberta.");
  for (Part& part : parts) {
    if (part.ours == "embeddings.position") part.unused_rows = kUnusedPositions;
  }
  return parts;
}

NameTable names(const recipe::Model&) {
  using enum PartKind;
  return {.prefix = "roberta.",
          .base_starts = {"embeddings.", "encoder.", "pooler."},
          .encoder = encoder_names(),
          .masked_lm = {{"head.transform", {"lm_head.dense"}},
                        {"head.norm", {"lm_head.layer_norm"}, kNorm},
                        {"head.decoder", {"lm_head"}, kBias, &Sizes::vocabulary}},
          .pooler = {{"task.pooler", {"roberta.pooler.dense"}}},
          .labels = {{"task.classifier", {"classifier"}, kDense, &Sizes::outputs}},
          .spans = {{"task.classifier", {"qa_outputs"}, kDense, &Sizes::outputs}},
          // Its classifier of sequences has the pooler within.
          .endings = {{"classifier.dense.weight", "roberta.pooler.dense.weight"},
                      {"classifier.dense.bias", "roberta.pooler.dense.bias"},
                      {"classifier.out_proj.weight", "classifier.weight"},
                      {"classifier.out_proj.bias", "classifier.bias"}},
          .repeats = {{"lm_head.decoder.bias", "lm_head.bias"},
                      {"lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight"}},
          .ignored = {"roberta.embeddings.position_ids", "roberta.embeddings.token_type_ids"}};
}

Family family(const char* model_type, const char* class_prefix) {
  return {.model_type = model_type,
          .class_prefix = class_prefix,
          .read_config = read_config,
          .names = names};
}

}  // namespace

Family roberta_family() { return family("roberta", "Roberta"); }
Family xlm_roberta_family() { return family("xlm-roberta", "XLMRoberta"); }

}  // namespace cram::checkpoint
