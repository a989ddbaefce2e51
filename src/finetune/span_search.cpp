#include "span_search.h"

#include <algorithm>
#include <limits>

namespace cram::finetune {

SpanCandidate best_span(std::span<const float> begin_logits, std::span<const float> end_logits,
                        std::int64_t first, std::int64_t last) {
  constexpr std::int64_t kLongest = 30;
  SpanCandidate best{-std::numeric_limits<double>::infinity(), first, first};
  for (std::int64_t begin = first; begin < last; ++begin) {
    for (std::int64_t end = begin; end < std::min(last, begin + kLongest); ++end) {
      const double score = static_cast<double>(begin_logits[static_cast<std::size_t>(begin)]) +
                           end_logits[static_cast<std::size_t>(end)];
      if (score > best.score) best = {score, begin, end};
    }
  }
  return best;
}

}  // namespace cram::finetune
