// Masked batches, prepared ahead by another thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/corpus/masking.h"
#include "cram/corpus/sequence_order.h"

namespace cram::corpus {

// `sequences` rows of `length` ids as the model sees them. All rows have equally many masked
// positions, so shapes depend on the masking rate alone.
struct MaskedBatch {
  std::int64_t sequences = 0;
  std::int64_t length = 0;
  std::vector<std::int64_t> ids;        // [sequences * length]
  std::vector<std::int64_t> positions;  // flat indices into ids, ascending; [masked]
  std::vector<std::int64_t> targets;    // true ids at those positions; [masked]
  // The document of each token, counted within a packed sequence from 0; [sequences * length], or
  // empty where they were not asked for.
  std::vector<std::int64_t> documents = {};
};

// Adds the document of each of a packed sequence's true tokens: [SEP] ends one, [CLS] begins one.
void add_documents(std::span<const TokenId> tokens, const tokenizer::SpecialTokens& special,
                   std::vector<std::int64_t>& documents);

struct Corruption {
  const Masking& masking;
  double rate = 0.0;
  bool documents = false;  // batches tell them
};
// Masks a packed sequence's true tokens in place and adds it to a batch of sequences as long.
void add_sequence(const Corruption& corruption, const Random& random, std::span<TokenId> tokens,
                  MaskedBatch& batch);

struct BatchOptions {
  std::uint64_t seed = 0;
  bool documents = false;  // batches tell them
};

// A pure function from a position in the endless training stream to a batch: one epoch of the order
// after the other. However a stretch of the stream is divided into batches, it is the same. Safe to
// use from many threads; `corpus` must outlive it.
class BatchMaker {
 public:
  // Without `order`, each sequence once an epoch, shuffled by the seed.
  BatchMaker(const Corpus& corpus, Split split, Masking masking, const BatchOptions& options,
             std::optional<SequenceOrder> order = std::nullopt);
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
  BatchOptions options_;
  SequenceOrder order_;
};

// The arguments of BatchMaker::make().
struct BatchRequest {
  std::int64_t start = 0;
  std::int64_t count = 0;
  double masking_rate = 0.0;
};

// Makes the requested batches, at most `depth` ahead of next(), on a thread of its own.
class BatchPrefetcher {
 public:
  BatchPrefetcher(const BatchMaker& maker, int depth);
  ~BatchPrefetcher();
  BatchPrefetcher(const BatchPrefetcher&) = delete;
  BatchPrefetcher& operator=(const BatchPrefetcher&) = delete;

  // Queues a request; never blocks.
  void request(const BatchRequest& request);
  // Waits for the oldest request that is still open and returns its batch, or rethrows what went
  // wrong in making it. Without an open request: Error{kInternal}.
  [[nodiscard]] MaskedBatch next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cram::corpus
