// The weights of an original BERT under the names and in the pieces of Hugging Face's
// BertForMaskedLM (transformers 4 and 5).
#pragma once

#include <cstdint>
#include <string>

#include "cram/checkpoint/safetensors.h"

namespace cram::checkpoint {

// Our stacked projections of queries, keys and values become three tensors. The decoder is left
// out: it is tied to the token table.
[[nodiscard]] NamedTensors to_bert_names(const NamedTensors& weights, std::int64_t layers);

// The inverse; a decoder that only repeats tied tensors is passed over. Throws Error{kData}, naming
// `where`, when a tensor is missing or not known.
[[nodiscard]] NamedTensors from_bert_names(const NamedTensors& weights, std::int64_t layers,
                                           const std::string& where);

}  // namespace cram::checkpoint
