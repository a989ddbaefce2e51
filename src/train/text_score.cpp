#include "cram/train/text_score.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <utility>

#include <c10/core/GradMode.h>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/base/random.h"
#include "cram/corpus/masking.h"
#include "cram/corpus/pack.h"
#include "cram/recipe/held_out.h"
#include "cram/text/document.h"
#include "cram/text/sources.h"
#include "cram/train/batch_stream.h"
#include "cram/train/setup.h"

namespace cram::train {
namespace {

constexpr std::int64_t kSequencesAPass = 32;

corpus::PrepareOptions preparation(const LoadedModel& loaded, const TextScoreOptions& options) {
  recipe::Recipe recipe = loaded.recipe;
  if (!options.text_field.empty()) recipe.data.text_field = options.text_field;
  recipe.data.join_records.clear();  // of the recipe's sources, not of this text
  return prepare_options(recipe, loaded.tokenizer);
}

// The documents to score, one after the other.
class Documents {
 public:
  Documents(const LoadedModel& loaded, const TextScoreOptions& options)
      : files_(text::find_sources(options.sources)),
        prepare_(preparation(loaded, options)),
        held_out_share_(options.held_out_only ? prepare_.held_out_share : 1),
        bytes_a_source_(
            std::max<std::int64_t>(1, options.max_bytes / std::ssize(options.sources))) {}

  // Nothing at the end.
  std::optional<std::string> next() {
    for (; next_file_ < files_.size(); ++next_file_) {
      enter(files_[next_file_]);
      const bool wants_more = bytes_of_source_ < bytes_a_source_;
      if (auto document = wants_more ? next_held_out() : std::nullopt) {
        count(document->text);
        return std::move(document->text);
      }
      reader_.reset();
    }
    return std::nullopt;
  }

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t hash() const { return hasher_.value(); }

  // Warns of bad records; throws when most are.
  void report_problems() const {
    if (bad_.bad() > bad_.good()) throw Error(ErrorCode::kData, bad_.summary());
    if (bad_.bad() > 0) log::warning(bad_.summary());
  }

 private:
  void enter(const text::SourceFile& file) {
    if (file.source != source_) bytes_of_source_ = 0;
    source_ = file.source;
  }

  // Of the file that is entered.
  std::optional<text::Document> next_held_out() {
    if (!reader_) reader_ = text::open_documents(files_[next_file_], prepare_.read, bad_);
    while (std::optional<text::Document> document = reader_->next()) {
      interrupt::throw_if_stopped();
      if (corpus::is_held_out(document->text, held_out_share_, prepare_.seed)) return document;
    }
    return std::nullopt;
  }

  void count(const std::string& text) {
    const auto size = static_cast<std::int64_t>(text.size());
    bytes_ += size;
    bytes_of_source_ += size;
    hasher_.add(std::to_string(size) + ":");
    hasher_.add(text);
  }

  std::vector<text::SourceFile> files_;
  corpus::PrepareOptions prepare_;
  double held_out_share_;  // 1: of the documents all
  std::int64_t bytes_a_source_;
  text::BadRecords bad_;
  std::unique_ptr<text::DocumentReader> reader_;
  std::size_t next_file_ = 0, source_ = 0;
  std::int64_t bytes_of_source_ = 0, bytes_ = 0;
  Hasher hasher_;
};

// Their tokens, framed as in pretraining.
class TokenStream {
 public:
  TokenStream(const LoadedModel& loaded, Documents& documents)
      : loaded_(loaded), documents_(documents) {}

  // Moves up to `count` tokens into `tokens`; fewer only at the end of the text.
  void take(std::ptrdiff_t count, std::vector<corpus::TokenId>& tokens) {
    while (std::ssize(pending_) - next_ < count) {
      const auto document = documents_.next();
      if (!document) break;
      pending_.erase(pending_.begin(), pending_.begin() + std::exchange(next_, 0));
      append(*document);
    }
    const std::ptrdiff_t end = std::min(next_ + count, std::ssize(pending_));
    tokens.assign(pending_.begin() + next_, pending_.begin() + end);
    taken_ += end - std::exchange(next_, end);
  }

  [[nodiscard]] std::int64_t taken() const { return taken_; }

 private:
  void append(const std::string& text) {
    const std::vector<corpus::TokenId> tokens = loaded_.tokenizer->encode(text);
    if (tokens.empty()) return;
    const tokenizer::SpecialTokens& special = loaded_.tokenizer->special_tokens();
    if (loaded_.recipe.sequence.start_token) pending_.push_back(special.cls);
    pending_.insert(pending_.end(), tokens.begin(), tokens.end());
    if (loaded_.recipe.sequence.separator) pending_.push_back(special.sep);
  }

  const LoadedModel& loaded_;
  Documents& documents_;
  std::vector<corpus::TokenId> pending_;
  std::ptrdiff_t next_ = 0;  // in it
  std::int64_t taken_ = 0;
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

// Of all tokens; the sums become means.
Score score_tokens(const LoadedModel& loaded, const TextScoreOptions& options,
                   TokenStream& stream) {
  const c10::NoGradGuard no_gradients;
  const std::int64_t length = loaded.recipe.sequence.length;
  const corpus::Masking masking({}, *loaded.tokenizer);
  const corpus::Corruption corruption{masking, options.masking_rate,
                                      loaded.recipe.sequence.document_mask};
  Score sums;
  corpus::MaskedBatch batch;
  std::vector<corpus::TokenId> tokens;
  for (std::int64_t sequence = 0;; ++sequence) {
    stream.take(length, tokens);
    const bool whole = std::ssize(tokens) == length;
    if (batch.sequences > 0 && (!whole || batch.sequences == kSequencesAPass)) {
      add_score(loaded, std::exchange(batch, {}), sums);
    }
    if (tokens.empty()) break;
    const auto number = static_cast<std::uint64_t>(sequence);
    add_sequence(corruption, Random(0, RandomStream::kEvaluation, number), tokens, batch);
  }
  sums.loss /= static_cast<double>(sums.masked_tokens);
  sums.accuracy /= static_cast<double>(sums.masked_tokens);
  return sums;
}

void require_held_out_to_be_known(const recipe::Recipe& recipe) {
  const std::string problem = recipe::held_out_problem(recipe);
  if (problem.empty()) return;
  throw Error(ErrorCode::kUsage, "what this model's run held out cannot be told: " + problem,
              "score it on text that is not its own, without --held-out");
}

[[noreturn]] void throw_no_text(const TextScoreOptions& options) {
  const std::string where =
      options.sources.front() + (options.sources.size() > 1 ? " and the other sources" : "");
  if (options.held_out_only) {
    throw Error(ErrorCode::kData, "no document is held out in " + where,
                "data.held_out_share of the model's recipe says how many are");
  }
  throw Error(ErrorCode::kData, "there is no text in " + where,
              "in .jsonl and .parquet files, --text-field names what holds it");
}

}  // namespace

TextScore score_text(const LoadedModel& loaded, const TextScoreOptions& options) {
  if (options.held_out_only) require_held_out_to_be_known(loaded.recipe);
  Documents documents(loaded, options);
  TokenStream stream(loaded, documents);
  TextScore result;
  result.score = score_tokens(loaded, options, stream);
  documents.report_problems();
  if (result.score.masked_tokens == 0) throw_no_text(options);
  if (!std::isfinite(result.score.loss)) {
    throw Error(ErrorCode::kData, "the model's loss is not finite: its weights are damaged");
  }
  result.bytes = documents.bytes();
  result.text_hash = documents.hash();
  result.bits_per_byte = result.score.loss / std::numbers::ln2 *
                         static_cast<double>(stream.taken()) / static_cast<double>(result.bytes);
  return result;
}

}  // namespace cram::train
