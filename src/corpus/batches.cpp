#include "cram/corpus/batches.h"

#include <optional>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/random.h"

namespace cram::corpus {
namespace {

// Puts masked sequences one below the other.
class BatchBuilder {
 public:
  struct Wanted {
    std::int64_t count, length;  // sequences, and their tokens
    double rate;
    bool documents;
  };

  BatchBuilder(const Masking& masking, const Wanted& wanted)
      : masking_(masking), wanted_(wanted), tokens_(static_cast<std::size_t>(wanted.length)) {
    const std::int64_t masked = wanted.count * Masking::count(wanted.rate, wanted.length);
    batch_.length = wanted.length;
    batch_.ids.reserve(static_cast<std::size_t>(wanted.count * batch_.length));
    batch_.positions.reserve(static_cast<std::size_t>(masked));
    batch_.targets.reserve(static_cast<std::size_t>(masked));
  }

  // Where the next sequence is put before mask().
  [[nodiscard]] std::span<TokenId> tokens() { return tokens_; }

  void mask(const Random& random) {
    if (wanted_.documents) add_documents(tokens_, masking_.special_tokens(), batch_.documents);
    masking_.apply(random, wanted_.rate, tokens_, positions_, targets_);
    const std::int64_t start = batch_.sequences * batch_.length;
    for (const std::int64_t position : positions_) batch_.positions.push_back(start + position);
    batch_.targets.insert(batch_.targets.end(), targets_.begin(), targets_.end());
    batch_.ids.insert(batch_.ids.end(), tokens_.begin(), tokens_.end());
    ++batch_.sequences;
  }

  [[nodiscard]] MaskedBatch take() { return std::move(batch_); }

 private:
  const Masking& masking_;
  Wanted wanted_;
  MaskedBatch batch_;
  std::vector<TokenId> tokens_;
  std::vector<std::int64_t> positions_;
  std::vector<TokenId> targets_;
};

}  // namespace

void add_documents(std::span<const TokenId> tokens, const tokenizer::SpecialTokens& special,
                   std::vector<std::int64_t>& documents) {
  std::int64_t document = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && (tokens[i - 1] == special.sep || tokens[i] == special.cls)) ++document;
    documents.push_back(document);
  }
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
  BatchBuilder builder(masking_, {count, corpus_->sequence_length(), rate, options_.documents});
  const std::uint64_t size = order_.sequences_an_epoch();
  std::optional<SequenceOrder::Epoch> epoch;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto draw = static_cast<std::uint64_t>(start + i);
    const std::uint64_t place = draw % size;
    if (!epoch || place == 0) epoch.emplace(order_, draw / size);
    corpus_->read(split_, (*epoch)(place), builder.tokens());
    builder.mask(Random(options_.seed, RandomStream::kMasking, draw));
  }
  return builder.take();
}

MaskedBatch BatchMaker::make_in_file_order(std::int64_t start, std::int64_t count,
                                           double rate) const {
  BatchBuilder builder(masking_, {count, corpus_->sequence_length(), rate, options_.documents});
  for (std::int64_t index = start; index < start + count; ++index) {
    corpus_->read(split_, index, builder.tokens());
    builder.mask(
        Random(options_.seed, RandomStream::kEvaluation, static_cast<std::uint64_t>(index)));
  }
  return builder.take();
}

}  // namespace cram::corpus
