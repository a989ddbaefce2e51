// Small models, and a tokenizer for them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "cram/model/masked_lm.h"
#include "cram/recipe/load.h"
#include "cram/tokenizer/tokenizer.h"

#include "file_bytes.h"

namespace cram::checkpoint {

constexpr std::int64_t kVocab = 40;

constexpr const char* kBert = R"(
budget: {steps: 10}
data: {sources: [text]}
sequence: {length: 16}
model:
  {layers: 2, hidden_size: 24, heads: 3, intermediate_size: 48, norm_position: post,
   gated: false, attention_bias: true, feed_forward_bias: true, positions: learned,
   max_positions: 20, segments: 2, final_norm: false, head_transform: bert, decoder_bias: true,
   dropout: 0.1, attention_dropout: 0.2, norm_epsilon: 1.0e-5, init_std: 0.5}
)";

constexpr const char* kDistilBert = R"(
budget: {steps: 10}
data: {sources: [text]}
sequence: {length: 16}
model:
  {layers: 2, hidden_size: 24, heads: 3, intermediate_size: 48, norm_position: post,
   gated: false, attention_bias: true, feed_forward_bias: true, positions: learned,
   max_positions: 20, final_norm: false, head_transform: bert, decoder_bias: true, init_std: 0.5}
)";

constexpr const char* kElectra = R"(
budget: {steps: 10}
data: {sources: [text]}
sequence: {length: 16}
model:
  {layers: 2, hidden_size: 24, embedding_size: 10, heads: 3, intermediate_size: 48,
   norm_position: post, gated: false, attention_bias: true, feed_forward_bias: true,
   positions: learned, max_positions: 20, segments: 2, final_norm: false, head_transform: bert,
   decoder_bias: true, init_std: 0.5}
)";

constexpr const char* kModernBert = R"(
budget: {steps: 10}
data: {sources: [text]}
sequence: {length: 16}
model:
  {layers: 4, hidden_size: 24, heads: 3, intermediate_size: 48, norm_bias: false,
   positions: rotary, rotary_base: 160000, local_attention: 6, global_every: 3,
   first_attention_norm: false, head_transform: modern-bert, decoder_bias: true,
   norm_epsilon: 1.0e-5, init_std: 0.5}
)";

constexpr const char* kCrammed = R"(
budget: {steps: 10}
data: {sources: [text]}
sequence: {length: 16}
model: {layers: 2, hidden_size: 24, heads: 3, intermediate_size: 48}
)";

// Of no family.
constexpr const char* kOwn = R"(
budget: {steps: 10}
data: {sources: [text]}
sequence: {length: 16}
model: {layers: 2, hidden_size: 24, heads: 3, intermediate_size: 48, qk_norm: true}
)";

// A vocab.txt of kVocab tokens, the special ones first.
inline void write_small_vocab(const std::filesystem::path& path) {
  std::string vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (std::int64_t i = 5; i < kVocab; ++i) vocab += "word" + std::to_string(i) + "\n";
  write_bytes(path, vocab);
}

inline model::MaskedLanguageModel small_model(const recipe::Recipe& recipe,
                                              std::uint64_t seed = 7) {
  return {
      recipe.model, {.sequence_length = recipe.sequence.length, .vocab_size = kVocab}, {}, seed};
}

}  // namespace cram::checkpoint
