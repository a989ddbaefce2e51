#include "cram/corpus/batches.h"

#include <optional>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/random.h"

namespace cram::corpus {
namespace {

MaskedBatch empty_batch(std::int64_t sequences, std::int64_t length, double rate) {
  MaskedBatch batch;
  batch.length = length;
  const std::int64_t masked = sequences * Masking::count(rate, length);
  batch.ids.reserve(static_cast<std::size_t>(sequences * length));
  batch.positions.reserve(static_cast<std::size_t>(masked));
  batch.targets.reserve(static_cast<std::size_t>(masked));
  return batch;
}

}  // namespace

void add_documents(std::span<const TokenId> tokens, const tokenizer::SpecialTokens& special,
                   std::vector<std::int64_t>& documents) {
  std::int64_t document = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && (tokens[i - 1] == special.sep || tokens[i] == special.cls)) ++document;
    documents.push_back(document);
  }
}

void add_sequence(const Corruption& corruption, const Random& random, std::span<TokenId> tokens,
                  MaskedBatch& batch) {
  const Masking& masking = corruption.masking;
  if (corruption.documents) add_documents(tokens, masking.special_tokens(), batch.documents);
  std::vector<std::int64_t> positions;
  std::vector<TokenId> targets;
  masking.apply(random, corruption.rate, tokens, positions, targets);
  const std::int64_t start = std::ssize(batch.ids);
  for (const std::int64_t position : positions) batch.positions.push_back(start + position);
  batch.targets.insert(batch.targets.end(), targets.begin(), targets.end());
  batch.ids.insert(batch.ids.end(), tokens.begin(), tokens.end());
  batch.length = std::ssize(tokens);
  ++batch.sequences;
}

BatchMaker::BatchMaker(const Corpus& corpus, Split split, Masking masking,
                       const BatchOptions& options, std::optional<SequenceOrder> order)
    : corpus_(&corpus),
      split_(split),
      masking_(std::move(masking)),
      options_(options),
      order_(order ? std::move(*order) : SequenceOrder(corpus.sequences(split), options.seed)) {
  if (masking_.vocab_size() != corpus.vocab_size()) {
    throw Error(ErrorCode::kData, "the corpus was packed with a vocabulary of " +
                                      std::to_string(corpus.vocab_size()) +
                                      " tokens, the tokenizer has " +
                                      std::to_string(masking_.vocab_size()));
  }
}

MaskedBatch BatchMaker::make(std::int64_t start, std::int64_t count, double rate) const {
  MaskedBatch batch = empty_batch(count, corpus_->sequence_length(), rate);
  const Corruption corruption{masking_, rate, options_.documents};
  std::vector<TokenId> tokens(static_cast<std::size_t>(batch.length));
  const std::uint64_t size = order_.sequences_an_epoch();
  std::optional<SequenceOrder::Epoch> epoch;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto draw = static_cast<std::uint64_t>(start + i);
    const std::uint64_t place = draw % size;
    if (!epoch || place == 0) epoch.emplace(order_, draw / size);
    corpus_->read(split_, (*epoch)(place), tokens);
    add_sequence(corruption, Random(options_.seed, RandomStream::kMasking, draw), tokens, batch);
  }
  return batch;
}

MaskedBatch BatchMaker::make_in_file_order(std::int64_t start, std::int64_t count,
                                           double rate) const {
  MaskedBatch batch = empty_batch(count, corpus_->sequence_length(), rate);
  const Corruption corruption{masking_, rate, options_.documents};
  std::vector<TokenId> tokens(static_cast<std::size_t>(batch.length));
  for (std::int64_t index = start; index < start + count; ++index) {
    corpus_->read(split_, index, tokens);
    const auto draw = static_cast<std::uint64_t>(index);
    add_sequence(corruption, Random(options_.seed, RandomStream::kEvaluation, draw), tokens, batch);
  }
  return batch;
}

}  // namespace cram::corpus
