// Which inputs go through the model together, and as which tensors.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cram/finetune/inputs.h"
#include "cram/model/encoder_input.h"

namespace cram::finetune {

using Rows = std::vector<std::int64_t>;  // numbers of inputs

// The batches of an epoch: a pure function of its arguments. Inputs are shuffled, sorted by length
// within stretches of fifty batches, cut into batches, and the batches shuffled: little padding,
// and still a random order. The last batch may be smaller; every input occurs once.
[[nodiscard]] std::vector<Rows> plan_epoch(const std::vector<Input>& inputs,
                                           std::int64_t batch_size, std::uint64_t seed,
                                           std::int64_t epoch);

// Batches for evaluation, the longest inputs first, so that memory runs out at once or never.
[[nodiscard]] std::vector<Rows> plan_by_length(const std::vector<Input>& inputs,
                                               std::int64_t batch_size);

// On the model's device, padded to the longest input.
struct TaskBatch {
  model::EncoderInput input;
  // Classification: [B] int64; regression: [B] fp32; token labels: [B, S] int64 with kNoLabel;
  // span: [B, 2] int64.
  at::Tensor targets;
  std::int64_t tokens = 0;  // without padding
  // What the loss is a mean over: labelled tokens for token labels, else rows.
  std::int64_t weight = 0;
};

// `segments`: whether the model tells segments apart.
[[nodiscard]] TaskBatch make_batch(const std::vector<Input>& inputs,
                                   std::span<const std::int64_t> rows, glue::Problem problem,
                                   bool segments, const c10::Device& device);

}  // namespace cram::finetune
