// What a token adds to the place of its sequence in a curriculum.
#pragma once

#include <cstdint>
#include <vector>

#include "cram/corpus/sequence_order.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

// By token id, such that sequences come in the order of rising sums. `counts` says how often each
// token occurs in the corpus. For the curricula alone.
[[nodiscard]] std::vector<double> token_weights(Ordering ordering,
                                                const tokenizer::Tokenizer& tokenizer,
                                                const std::vector<std::int64_t>& counts);

}  // namespace cram::corpus
