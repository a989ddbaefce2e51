// The original BERT (Devlin et al. 2019), and what its descendants share with it.
#pragma once

#include "family.h"

namespace cram::checkpoint {

[[nodiscard]] Family bert_family();
// Its descendants. Folders of RoBERTa are read and not written, and those of ELECTRA are written
// only with narrow embeddings: BERT's classes compute the same functions.
[[nodiscard]] Family roberta_family();      // Liu et al. 2019
[[nodiscard]] Family xlm_roberta_family();  // Conneau et al. 2020
[[nodiscard]] Family distilbert_family();   // Sanh et al. 2019
[[nodiscard]] Family electra_family();      // Clark et al. 2020

// All that makes a BERT original but its sizes.
[[nodiscard]] recipe::Model original_bert();

// The encoder's names, in front of which a descendant puts its own prefix.
[[nodiscard]] Parts bert_encoder_names(const std::string& prefix);

// "max_position_embeddings" and "type_vocab_size".
void read_bert_tables(const JsonObject& config, recipe::Model& model);
// BERT's keys but the sizes that all models have.
[[nodiscard]] nlohmann::ordered_json write_bert_config(const recipe::Model& model,
                                                       const Sizes& sizes);

// Refuses what neither BERT nor its descendants compute with: decoders, untied tables, relative
// positions.
void refuse_decoders(const JsonObject& config);

// The function that config.json names by `key`: "gelu" where it names none.
[[nodiscard]] recipe::Activation read_activation(const JsonObject& config, const char* key);
[[nodiscard]] std::string activation_name(recipe::Activation activation);

// The keys that BERT has in common with most of its descendants: sizes of the layers, activation,
// norm, dropout and initialisation.
void read_bert_layers(const JsonObject& config, recipe::Model& model);

// Refuses a number of heads that does not divide the width; by their keys.
void check_heads(const JsonObject& config, const char* heads, const char* width);

}  // namespace cram::checkpoint
