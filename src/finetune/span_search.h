// The best answer in one window of a context.
#pragma once

#include <cstdint>
#include <span>

namespace cram::finetune {

struct SpanCandidate {
  double score = 0;                 // the sum of its two logits
  std::int64_t begin = 0, end = 0;  // first and last token
};

// The best span of at most 30 tokens within [first, last), which is not empty: the customary limit
// for SQuAD.
[[nodiscard]] SpanCandidate best_span(std::span<const float> begin_logits,
                                      std::span<const float> end_logits, std::int64_t first,
                                      std::int64_t last);

}  // namespace cram::finetune
