// Masked batches, prepared ahead by another thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/corpus/masking.h"

namespace cram::corpus {

// `sequences` rows of `length` ids as the model sees them. All rows have equally many masked
// positions, so shapes depend on the masking rate alone.
struct MaskedBatch {
  std::int64_t sequences = 0;
  std::int64_t length = 0;
  std::vector<std::int64_t> ids;        // [sequences * length]
  std::vector<std::int64_t> positions;  // flat indices into ids, ascending; [masked]
  std::vector<std::int64_t> targets;    // true ids at those positions; [masked]
};

// A pure function from a position in the endless training stream to a batch: epoch e shows the
// sequences in the order Permutation(seed, kOrder, e).
class BatchMaker {
 public:
  BatchMaker(const Corpus& corpus, Split split, Masking masking, std::uint64_t seed);
  // Sequences [start, start + count) of the stream, masked at `rate`.
  [[nodiscard]] MaskedBatch make(std::int64_t start, std::int64_t count, double rate) const;
  // The held-out set in file order, masked the same way in every run with the same seed.
  [[nodiscard]] MaskedBatch make_in_file_order(std::int64_t start, std::int64_t count,
                                               double rate) const;
  [[nodiscard]] const Corpus& corpus() const { return *corpus_; }

 private:
  const Corpus* corpus_;
  Split split_;
  Masking masking_;
  std::uint64_t seed_;
};

// Makes the batches that `plan` asks for, at most `depth` ahead, on a thread of its own.
// next() returns them in order; an exception of the thread is rethrown there.
struct BatchRequest {
  std::int64_t start = 0;
  std::int64_t count = 0;
  double masking_rate = 0.0;
};

class BatchPrefetcher {
 public:
  BatchPrefetcher(const BatchMaker& maker, int depth);
  ~BatchPrefetcher();
  BatchPrefetcher(const BatchPrefetcher&) = delete;
  BatchPrefetcher& operator=(const BatchPrefetcher&) = delete;

  // Queues a request; blocks never.
  void request(const BatchRequest& request);
  // Waits for the oldest request that is still open.
  [[nodiscard]] MaskedBatch next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cram::corpus
