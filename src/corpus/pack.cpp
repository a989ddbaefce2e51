#include "cram/corpus/pack.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/interrupt.h"
#include "cram/base/pipeline.h"
#include "cram/base/units.h"
#include "cram/corpus/progress.h"
#include "cram/corpus/selection_report.h"

#include "document_stream.h"
#include "drop_tally.h"
#include "encoder.h"
#include "probe.h"
#include "split_writer.h"

namespace cram::corpus {
namespace {

constexpr const char* kCompressibility = "compressibility";

// What the selection said of the text, to which packing adds its own.
SelectionReport start_report(const std::vector<text::SourceFile>& files,
                             const PackOptions& options) {
  if (!options.selection.empty()) return SelectionReport::read_from(options.selection);
  return {.sources = name_sources(options.source_names, files), .rules = {}};
}

std::vector<std::string> rules_of(const PackOptions& options) {
  if (!options.max_tokens_per_character) return {};
  return {kCompressibility};
}

// Takes the encoded batches in order.
class CorpusWriter {
 public:
  CorpusWriter(const std::filesystem::path& folder, Manifest manifest, std::uint64_t shard_bytes,
               DropTally tally, SelectionReport report)
      : manifest_(std::move(manifest)),
        tally_(std::move(tally)),
        report_(std::move(report)),
        count_read_(report_.rules.empty()),
        statistics_(static_cast<std::int64_t>(manifest_.layout.vocab_size)),
        training_(folder, manifest_.layout, Split::kTraining, shard_bytes),
        held_out_(folder, manifest_.layout, Split::kHeldOut, shard_bytes) {}

  void write(EncodedBatch batch) {
    interrupt::throw_if_stopped();
    for (const auto& [file, token] : batch.files) begin_file(file, token);
    training_tokens_ += static_cast<std::int64_t>(batch.training.tokens.size());
    training_.append(batch.training.tokens);
    held_out_.append(batch.held_out.tokens);
    manifest_.training.documents += batch.training.documents;
    manifest_.held_out.documents += batch.held_out.documents;
    manifest_.text.tokens +=
        static_cast<std::int64_t>(batch.training.tokens.size() + batch.held_out.tokens.size());
    manifest_.text.unknown_tokens += batch.unknown_tokens;
    manifest_.text.empty_documents += batch.empty_documents;
    manifest_.text.cleaned_documents += batch.cleaned_documents;
    statistics_ += batch.statistics;
    report(batch);
  }

  [[nodiscard]] const TextSummary& text() const { return manifest_.text; }
  [[nodiscard]] const TextStatistics& statistics() const { return statistics_; }

  // After the last of so many files.
  [[nodiscard]] Manifest close(std::size_t files) {
    close(training_, manifest_.training);
    close(held_out_, manifest_.held_out);
    begin_file(files, 0);
    manifest_.file_starts.pop_back();
    for (std::int64_t& start : manifest_.file_starts) {
      start = std::min(start, manifest_.training.sequences);
    }
    return std::move(manifest_);
  }

  [[nodiscard]] SelectionReport take_report() {
    for (RuleReport& rule : tally_.reports()) report_.rules.push_back(std::move(rule));
    return std::move(report_);
  }

 private:
  // Files without a document that stays begin where the next one does.
  void begin_file(std::size_t file, std::size_t token) {
    const auto length = static_cast<std::int64_t>(manifest_.layout.sequence_length);
    const std::int64_t tokens = training_tokens_ + static_cast<std::int64_t>(token);
    auto& starts = manifest_.file_starts;
    if (file >= starts.size()) starts.resize(file + 1, (tokens + length - 1) / length);
  }

  void report(const EncodedBatch& batch) {
    for (std::size_t i = 0; i < batch.sources.size(); ++i) {
      const EncodedBatch::Source& source = batch.sources[i];
      manifest_.text.bytes += source.packed.bytes;
      report_.sources[i].packed += source.packed;
      report_.sources[i].tokens += source.tokens;
      if (count_read_) report_.sources[i].read += source.packed;
    }
    for (const EncodedBatch::Dropped& dropped : batch.dropped) {
      const SourcedDocument& document = dropped.document;
      tally_.add({kCompressibility, dropped.detail}, document.source, document.text);
      const auto bytes = static_cast<std::int64_t>(document.text.size());
      if (count_read_) report_.sources[document.source].read += {.documents = 1, .bytes = bytes};
    }
  }

  static void close(SplitWriter& writer, SplitSummary& summary) {
    summary.shards = writer.close();
    for (const std::int64_t sequences : summary.shards) summary.sequences += sequences;
  }

  Manifest manifest_;
  DropTally tally_;
  SelectionReport report_;
  bool count_read_;  // no selection has
  TextStatistics statistics_;
  std::int64_t training_tokens_ = 0;
  SplitWriter training_;
  SplitWriter held_out_;
};

void check_disk(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
                const PackOptions& options, const std::filesystem::path& folder) {
  const std::uint64_t free = free_disk_bytes(folder);
  // Even the tokens of well-compressed text take no more than four times the space of its file.
  if (free / 4 >= total_bytes(files)) return;
  const std::uint64_t needed = estimate_bytes(files, tokenizer, options);
  if (needed <= free) return;
  throw Error(ErrorCode::kStorage,
              folder.string() + ": the packed text needs about " +
                  format_bytes(static_cast<std::int64_t>(needed)) + ", the disk has " +
                  format_bytes(static_cast<std::int64_t>(free)) + " left",
              "free some space or set data.cache to a folder on another disk");
}

void check_splits(const Manifest& manifest, const PackOptions& options) {
  const auto count = [](std::int64_t value) { return format_count(value); };
  const std::string all = count(manifest.training.documents + manifest.held_out.documents);
  const std::string too_few = " documents are too little text for one sequence of " +
                              count(options.sequence_length) + " tokens";
  if (manifest.held_out.sequences == 0) {
    throw Error(ErrorCode::kData,
                "the " + count(manifest.held_out.documents) + " held-out of " + all + too_few,
                "raise data.held_out_share or give more text");
  }
  if (manifest.training.sequences == 0) {
    throw Error(ErrorCode::kData,
                "the " + count(manifest.training.documents) + " training of " + all + too_few,
                "give more text or lower data.held_out_share");
  }
}

}  // namespace

std::uint64_t estimate_bytes(const std::vector<text::SourceFile>& files,
                             const tokenizer::Tokenizer& tokenizer, const PackOptions& options) {
  const TextProbe probe = probe_text(files, options.read);
  double kept = 1;
  if (!options.selection.empty()) {
    const SelectionReport report = SelectionReport::read_from(options.selection);
    kept = static_cast<double>(report.kept().bytes) /
           static_cast<double>(std::max<std::int64_t>(report.read().bytes, 1));
  }
  std::vector<TokenId> tokens;
  std::uint64_t count = 0;
  for (const std::string& text : probe.texts) {
    tokens.clear();
    tokenizer.encode(text, tokens);
    count += tokens.size() + (options.separator ? 1 : 0) + (options.start_token ? 1 : 0);
  }
  const ShardLayout layout = {.vocab_size = static_cast<std::uint64_t>(tokenizer.vocab_size())};
  const double bytes_per_byte =
      static_cast<double>(count * layout.token_bytes()) / static_cast<double>(probe.file_bytes);
  return static_cast<std::uint64_t>(kept * bytes_per_byte *
                                    static_cast<double>(total_bytes(files)));
}

Manifest pack(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
              const PackOptions& options, const std::filesystem::path& folder) {
  Manifest manifest;
  manifest.made_from = describe_corpus(files, tokenizer, options);
  manifest.layout = {.corpus_key = hash64(manifest.made_from),
                     .vocab_size = static_cast<std::uint64_t>(tokenizer.vocab_size()),
                     .sequence_length = static_cast<std::uint64_t>(options.sequence_length)};
  check_disk(files, tokenizer, options, folder);

  text::BadRecords bad;
  DocumentStream stream(files, options.read, bad, KeptDocuments(options.selection));
  const Encoder encoder(tokenizer, options);
  CorpusWriter writer(folder, manifest, options.shard_bytes,
                      DropTally(rules_of(options), count_sources(files)),
                      start_report(files, options));
  ProgressLine progress("packing", total_bytes(files));
  run_ordered_pipeline(
      options.threads, [&] { return next_batch(stream); },
      [&](DocumentBatch batch) { return encoder.encode(std::move(batch)); },
      [&](EncodedBatch batch) {
        bad.check_early(options.max_bad_share);
        const std::uint64_t bytes_read = batch.bytes_read;
        writer.write(std::move(batch));
        progress.update(bytes_read, writer.text().bytes);
      });

  bad.check(options.max_bad_share);
  if (describe_corpus(files, tokenizer, options) != manifest.made_from) refuse_changed_text();
  manifest = writer.close(files.size());
  manifest.text.short_records = bad.skipped_short();
  manifest.text.good_records = bad.good();
  manifest.text.bad_records = bad.bad();
  manifest.text.bad_summary = bad.summary();
  check_splits(manifest, options);
  writer.statistics().write(folder);
  writer.take_report().write(folder);
  manifest.write(folder);
  return manifest;
}

}  // namespace cram::corpus
