// A trainable tensor: the fp32 master that the optimizer moves, its fp32 gradient, and the copy in
// the compute type that the forward and backward passes read.
//
// The operations in this room take weights by reference and add to `grad` in their backward pass,
// so gradients accumulate in fp32 over micro-batches without extra passes and no autograd leaf
// holds a gradient of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace cram::ops {

// What the optimizer may do with a weight.
enum class WeightRole {
  kHiddenMatrix,  // a matrix inside the encoder layers (Muon's domain)
  kEmbedding,     // token, position or segment table, untied decoder
  kHead,          // matrix of the prediction head, projection of narrow embeddings
  kGain,          // norm weight or other scale
  kBias,
};

struct Weight {
  std::string name;  // unique within a model, dotted, such as "layers.3.attention.qkv"
  WeightRole role = WeightRole::kHiddenMatrix;
  at::Tensor master;   // fp32, contiguous
  at::Tensor grad;     // fp32, the shape of master, zero between updates
  at::Tensor compute;  // compute type, requires_grad; shares storage with master when that is fp32

  // Independent matrices stacked along the first dimension (3 for a fused QKV projection); Muon
  // treats each by itself.
  int stacked = 1;

  // Products with it may be added up in fp16 where they are of fp16 matrices and on a GPU, but for
  // those that make its gradient.
  bool fp16_accumulation = false;
};

using WeightPtr = std::shared_ptr<Weight>;
using WeightList = std::vector<WeightPtr>;  // in a fixed, documented order

// A weight whose three tensors are ready; `value` is copied as fp32 to its device.
[[nodiscard]] WeightPtr make_weight(std::string name, WeightRole role, const at::Tensor& value,
                                    at::ScalarType compute_type);

// Forgets what backward passes have added to `grad`.
void zero_gradients(const WeightList& weights);

// Copies masters into the compute copies (a no-op where they share storage).
void refresh_compute_copies(const WeightList& weights);

}  // namespace cram::ops
