// Model sections of the published recipes, and small models of the same make.
#pragma once

#include "cram/recipe/recipe.h"

namespace cram::model::test {

// The defaults of a recipe are those of crammed BERT, version 2.
inline recipe::Model crammed_bert() { return {}; }

inline recipe::Model original_bert() {
  recipe::Model model;
  model.layers = 12;
  model.intermediate_size = 3072;
  model.gated = false;
  model.norm_position = recipe::NormPosition::kPost;
  model.attention_bias = true;
  model.feed_forward_bias = true;
  model.positions = recipe::Positions::kLearned;
  model.max_positions = 512;
  model.segments = 2;
  model.final_norm = false;
  model.head_transform = recipe::HeadTransform::kBert;
  model.decoder_bias = true;
  return model;
}

inline recipe::Model crammed_bert_simple() {
  recipe::Model model = original_bert();
  model.norm_position = recipe::NormPosition::kPre;
  model.max_positions = 0;
  model.segments = 0;
  return model;
}

inline recipe::Model izsak_large() {
  recipe::Model model = crammed_bert_simple();
  model.layers = 24;
  model.hidden_size = 1024;
  model.heads = 16;
  model.intermediate_size = 4096;
  model.norm_epsilon = 1e-6;
  return model;
}

// Three layers of width 32, with weights large enough that every part of the model matters.
inline recipe::Model small(recipe::Model model) {
  model.layers = 3;
  model.hidden_size = 32;
  model.heads = 4;
  model.intermediate_size = 48;
  model.max_positions = model.max_positions > 0 ? 24 : 0;
  model.init_std = 0.2;
  return model;
}

}  // namespace cram::model::test
