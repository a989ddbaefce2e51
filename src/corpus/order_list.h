// The sequences of one epoch, in the order in which they are to come.
#pragma once

#include <cstdint>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/corpus/sequence_order.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

struct OrderRequest {
  Ordering ordering = Ordering::kShuffled;
  // Where the sequences of each source begin, ascending, and how often each is shown; a part of a
  // time is so large a share of its sequences, drawn by chance. Equally many.
  std::vector<std::int64_t> source_starts;
  std::vector<double> epochs;
  std::uint64_t seed = 0;
  int threads = 1;
};

// What is shown more than once comes in rounds: all of it once, in order, then again what is still
// due. Of a shuffled order, the list says only what there is to be shuffled. Takes 12 bytes of
// memory for each sequence, and 8 for each repetition, until it is written.
//
// Throws Error{kUsage} for more than 2^32 sequences, or when nothing is left to show.
[[nodiscard]] std::vector<std::uint32_t> list_sequences(const Corpus& corpus,
                                                        const tokenizer::Tokenizer& tokenizer,
                                                        const OrderRequest& request);

}  // namespace cram::corpus
