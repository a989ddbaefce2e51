#include "cram/train/text_score.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/corpus/masking.h"
#include "cram/corpus/pack.h"
#include "cram/text/document.h"
#include "cram/train/batch_stream.h"
#include "cram/train/setup.h"

namespace cram::train {
namespace {

constexpr std::int64_t kSequencesAPass = 32;

// For each source what the recipe joins where it has the same one, else 1.
std::vector<std::int64_t> joins_of(const std::vector<std::string>& sources,
                                   const recipe::Data& data) {
  std::vector<std::int64_t> joins(sources.size(), 1);
  if (data.join_records.empty()) return joins;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto found = std::find(data.sources.begin(), data.sources.end(), sources[i]);
    if (found == data.sources.end()) continue;
    joins[i] = data.join_records[static_cast<std::size_t>(found - data.sources.begin())];
  }
  return joins;
}

// Tokens of the documents of the sources, one after the other, framed as in pretraining.
class TokenStream {
 public:
  TokenStream(const LoadedModel& loaded, const TextScoreOptions& options)
      : loaded_(loaded), files_(text::find_sources(options.sources)) {
    recipe::Recipe recipe = loaded.recipe;
    if (!options.text_field.empty()) recipe.data.text_field = options.text_field;
    const corpus::PrepareOptions prepare = prepare_options(recipe);
    read_ = prepare.read;
    read_.join_records = joins_of(options.sources, recipe.data);
    if (options.held_out_only) held_out_share_ = prepare.held_out_share;
    seed_ = prepare.seed;
  }

  // Moves up to `count` tokens into `tokens`; fewer only at the end of the text.
  void take(std::size_t count, std::vector<corpus::TokenId>& tokens) {
    while (pending_.size() < count && read_document()) {
    }
    const auto end =
        pending_.begin() + static_cast<std::ptrdiff_t>(std::min(count, pending_.size()));
    tokens.assign(pending_.begin(), end);
    pending_.erase(pending_.begin(), end);
  }

  // Of what was read.
  [[nodiscard]] double tokens_per_byte() const {
    return static_cast<double>(tokens_) / static_cast<double>(bytes_);
  }

  // Warns of bad records; throws when most are.
  void report_problems() const {
    if (bad_.bad() > bad_.good()) throw Error(ErrorCode::kData, bad_.summary());
    if (bad_.bad() > 0) log::warning(bad_.summary());
  }

 private:
  bool read_document() {
    interrupt::throw_if_stopped();
    while (true) {
      if (!reader_) {
        if (next_file_ == files_.size()) return false;
        reader_ = text::open_documents(files_[next_file_++], read_, bad_);
      }
      const std::optional<text::Document> document = reader_->next();
      if (!document) {
        reader_.reset();
      } else if (corpus::is_held_out(document->text, held_out_share_, seed_)) {
        append(document->text);
        return true;
      }
    }
  }

  void append(const std::string& text) {
    const tokenizer::SpecialTokens& special = loaded_.tokenizer->special_tokens();
    if (loaded_.recipe.sequence.start_token) pending_.push_back(special.cls);
    const std::size_t before = pending_.size();
    loaded_.tokenizer->encode(text, pending_);
    tokens_ += pending_.size() - before;
    bytes_ += text.size();
    if (loaded_.recipe.sequence.separator) pending_.push_back(special.sep);
  }

  const LoadedModel& loaded_;
  std::vector<text::SourceFile> files_;
  text::ReadOptions read_;
  double held_out_share_ = 1;  // of the documents, those that are scored
  std::uint64_t seed_ = 0;
  text::BadRecords bad_;
  std::unique_ptr<text::DocumentReader> reader_;
  std::size_t next_file_ = 0;
  std::vector<corpus::TokenId> pending_;
  std::size_t tokens_ = 0, bytes_ = 0;
};

// Adds the scores of a batch to sums of loss and correct guesses.
void add_score(const LoadedModel& loaded, corpus::MaskedBatch batch, Score& sums) {
  interrupt::throw_if_stopped();
  sums.sequences += batch.sequences;
  const model::MaskedInput tensors = to_tensors(std::move(batch), loaded.model->placement().device);
  const ops::MaskedLoss result = loaded.model->loss(tensors, model::Mode::kEvaluation);
  const std::int64_t masked = tensors.targets.numel();
  sums.loss += result.loss.item<double>() * static_cast<double>(masked);
  sums.accuracy += static_cast<double>(result.correct.item<std::int64_t>());
  sums.masked_tokens += masked;
}

}  // namespace

TextScore score_text(const LoadedModel& loaded, const TextScoreOptions& options) {
  const c10::NoGradGuard no_gradients;
  const std::int64_t length = loaded.recipe.sequence.length;
  const corpus::Masking masking({}, *loaded.tokenizer);
  const corpus::Corruption corruption{masking, options.masking_rate,
                                      loaded.recipe.sequence.document_mask};
  // The masks of the sequence that begins after so many tokens.
  const auto masks_at = [&](std::int64_t tokens) {
    return Random(0, RandomStream::kEvaluation, static_cast<std::uint64_t>(tokens / length));
  };
  TokenStream stream(loaded, options);
  Score sums;
  std::int64_t tokens_seen = 0;
  std::vector<corpus::TokenId> tokens;
  for (bool more = true; more && tokens_seen < options.max_tokens;) {
    corpus::MaskedBatch batch;
    while (more && batch.sequences < kSequencesAPass && tokens_seen < options.max_tokens) {
      stream.take(static_cast<std::size_t>(length), tokens);
      more = static_cast<std::int64_t>(tokens.size()) == length;
      if (!more) break;
      add_sequence(corruption, masks_at(tokens_seen), tokens, batch);
      tokens_seen += length;
    }
    if (batch.sequences > 0) add_score(loaded, std::move(batch), sums);
  }
  if (tokens_seen < options.max_tokens && !tokens.empty()) {
    corpus::MaskedBatch rest;
    add_sequence(corruption, masks_at(tokens_seen), tokens, rest);
    add_score(loaded, std::move(rest), sums);
  }
  stream.report_problems();
  if (sums.masked_tokens == 0) {
    throw Error(
        ErrorCode::kData,
        std::string(options.held_out_only ? "no held-out" : "there is no") + " text in " +
            options.sources.front() + (options.sources.size() > 1 ? " and the other sources" : ""),
        options.held_out_only ? "data.held_out_share is what the model's recipe holds out of it"
                              : "in .jsonl and .parquet files, --text-field names what holds it");
  }
  if (!std::isfinite(sums.loss)) {
    throw Error(ErrorCode::kData, "the model's loss is not finite: its weights are damaged");
  }
  sums.loss /= static_cast<double>(sums.masked_tokens);
  sums.accuracy /= static_cast<double>(sums.masked_tokens);
  return {sums, sums.loss / std::numbers::ln2 * stream.tokens_per_byte()};
}

}  // namespace cram::train
