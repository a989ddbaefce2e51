#include "cram/corpus/pack.h"

#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/interrupt.h"
#include "cram/base/pipeline.h"
#include "cram/base/units.h"
#include "cram/corpus/progress.h"

#include "document_stream.h"
#include "encoder.h"
#include "probe.h"
#include "split_writer.h"

namespace cram::corpus {
namespace {

// Enough text for the work on it to outweigh handing it from thread to thread.
std::optional<DocumentBatch> next_batch(DocumentStream& stream) {
  constexpr std::size_t kBatchBytes = 256 << 10;
  DocumentBatch batch;
  std::size_t bytes = 0;
  while (bytes < kBatchBytes) {
    std::optional<text::Document> document = stream.next();
    if (!document) break;
    bytes += document->text.size();
    batch.documents.push_back(std::move(*document));
  }
  batch.bytes_read = stream.bytes_read();
  if (batch.documents.empty()) return std::nullopt;
  return batch;
}

// Takes the encoded batches in order.
class CorpusWriter {
 public:
  CorpusWriter(const std::filesystem::path& folder, Manifest manifest, std::uint64_t shard_bytes)
      : manifest_(std::move(manifest)),
        training_(folder, manifest_.layout, Split::kTraining, shard_bytes),
        held_out_(folder, manifest_.layout, Split::kHeldOut, shard_bytes) {}

  void write(const EncodedBatch& batch) {
    interrupt::throw_if_stopped();
    training_.append(batch.training.tokens);
    held_out_.append(batch.held_out.tokens);
    manifest_.training.documents += batch.training.documents;
    manifest_.held_out.documents += batch.held_out.documents;
    manifest_.text.bytes += batch.text_bytes;
    manifest_.text.tokens +=
        static_cast<std::int64_t>(batch.training.tokens.size() + batch.held_out.tokens.size());
    manifest_.text.unknown_tokens += batch.unknown_tokens;
    manifest_.text.empty_documents += batch.empty_documents;
  }

  [[nodiscard]] const TextSummary& text() const { return manifest_.text; }

  [[nodiscard]] Manifest close() {
    close(training_, manifest_.training);
    close(held_out_, manifest_.held_out);
    return std::move(manifest_);
  }

 private:
  static void close(SplitWriter& writer, SplitSummary& summary) {
    summary.shards = writer.close();
    for (const std::int64_t sequences : summary.shards) summary.sequences += sequences;
  }

  Manifest manifest_;
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
  return static_cast<std::uint64_t>(bytes_per_byte * static_cast<double>(total_bytes(files)));
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
  DocumentStream stream(files, options.read, bad);
  const Encoder encoder(tokenizer, options);
  CorpusWriter writer(folder, manifest, options.shard_bytes);
  ProgressLine progress("packing", total_bytes(files));
  run_ordered_pipeline(
      options.threads, [&] { return next_batch(stream); },
      [&](const DocumentBatch& batch) { return encoder.encode(batch); },
      [&](const EncodedBatch& batch) {
        bad.check_early(options.max_bad_share);
        writer.write(batch);
        progress.update(batch.bytes_read, writer.text().bytes);
      });

  bad.check(options.max_bad_share);
  if (describe_corpus(files, tokenizer, options) != manifest.made_from) {
    throw Error(ErrorCode::kData, "the text changed while it was read",
                "run again when nothing writes to data.sources any more");
  }
  manifest = writer.close();
  manifest.text.short_records = bad.skipped_short();
  manifest.text.good_records = bad.good();
  manifest.text.bad_records = bad.bad();
  manifest.text.bad_summary = bad.summary();
  check_splits(manifest, options);
  manifest.write(folder);
  return manifest;
}

}  // namespace cram::corpus
