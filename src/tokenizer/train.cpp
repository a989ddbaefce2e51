#include "cram/tokenizer/train.h"

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/base/pipeline.h"

#include "sentencepiece.h"
#include "sentencepiece_trainer.h"
#include "word_counter.h"
#include "wordpiece.h"
#include "wordpiece_trainer.h"

namespace cram::tokenizer {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

using Texts = std::vector<std::string>;

std::optional<Texts> next_batch(const TextSource& source) {
  interrupt::throw_if_stopped();
  Texts batch;
  for (std::size_t bytes = 0; bytes < kBatchBytes;) {
    std::optional<std::string> text = source();
    if (!text) break;
    bytes += text->size() + 1;
    batch.push_back(std::move(*text));
  }
  if (batch.empty()) return std::nullopt;
  return batch;
}

std::vector<CountedWord> count_words(const WordSplitter& splitter, const TextSource& source,
                                     int threads) {
  WordCounter total;
  run_ordered_pipeline(
      threads, [&] { return next_batch(source); },
      [&](const Texts& batch) {
        WordCounter counter;
        for (const std::string& text : batch) splitter.split(text, counter);
        return counter;
      },
      [&](const WordCounter& counter) { total.merge(counter); });
  return total.sorted();
}

std::shared_ptr<const Tokenizer> train_wordpiece_tokenizer(const TrainOptions& options,
                                                           const TextSource& source) {
  const WordPieceOptions how{.normalization = bert_normalization(options.normalization)};
  const WordSplitter splitter(how.normalization);
  const std::vector<CountedWord> words = count_words(splitter, source, options.threads);
  std::vector<std::string> tokens =
      train_wordpiece(words, {.vocab_size = static_cast<std::size_t>(options.vocab_size),
                              .max_word_length = how.max_word_length});
  const std::string name = "the trained vocabulary";
  return std::make_shared<WordPiece>(Vocabulary(std::move(tokens), name), how, name);
}

}  // namespace

std::shared_ptr<const Tokenizer> train_tokenizer(const TrainOptions& options,
                                                 const TextSource& source) {
  if (options.algorithm == Algorithm::kWordPiece) return train_wordpiece_tokenizer(options, source);
  return std::make_shared<SentencePiece>(train_sentencepiece(options, source), "the trained model");
}

}  // namespace cram::tokenizer
