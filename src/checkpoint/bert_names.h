// The weights of an original BERT under the names and in the pieces of Hugging Face's classes
// (transformers 4 and 5): BertModel, BertForMaskedLM, BertForSequenceClassification and the like.
#pragma once

#include <cstdint>
#include <string>

#include "cram/checkpoint/safetensors.h"

namespace cram::checkpoint {

// What decides the shapes.
struct BertSizes {
  std::int64_t layers = 0, hidden = 0, inner = 0;
  std::int64_t vocabulary = 0, positions = 0, segments = 0;  // rows of the tables
  std::int64_t outputs = 0;                                  // of a task; 0: as the file has them
};

// The layer that makes a task's outputs: "classifier" or "qa_outputs".
enum class BertOutputs { kLabels, kSpans };

// Our stacked projections of queries, keys and values become three tensors. The decoder is left
// out: it is tied to the token table. The weights are those of an encoder and of any heads.
[[nodiscard]] NamedTensors to_bert_names(const NamedTensors& weights, std::int64_t layers,
                                         BertOutputs outputs = BertOutputs::kLabels);

// The inverse, in fp32: the encoder and each head ("head.…", "task.pooler.…", "task.classifier.…")
// that is there. Also reads the names of older files: no "bert." in front, LayerNorm.gamma and
// beta. Passed over are buffers, a decoder that only repeats tied tensors, and the head that tells
// next sentences. Throws Error{kData}, naming `where` and the tensor, for one that is missing,
// unknown, of another shape or not of floating-point numbers.
[[nodiscard]] NamedTensors from_bert_names(const NamedTensors& weights, const BertSizes& sizes,
                                           const std::string& where);

}  // namespace cram::checkpoint
