#include "corpus_writer.h"

#include <algorithm>
#include <utility>

#include "document_stream.h"

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

void close_split(SplitWriter& writer, SplitSummary& summary) {
  summary.shards = writer.close();
  for (const std::int64_t sequences : summary.shards) summary.sequences += sequences;
}

}  // namespace

CorpusWriter::CorpusWriter(std::filesystem::path folder, Manifest manifest,
                           const std::vector<text::SourceFile>& files, const PackOptions& options)
    : folder_(std::move(folder)),
      manifest_(std::move(manifest)),
      files_(files.size()),
      report_(start_report(files, options)),
      tally_(rules_of(options), count_sources(files)),
      count_read_(report_.rules.empty()),
      statistics_(static_cast<std::int64_t>(manifest_.layout.vocab_size)),
      training_(folder_, manifest_.layout, Split::kTraining, options.shard_bytes),
      held_out_(folder_, manifest_.layout, Split::kHeldOut, options.shard_bytes) {}

void CorpusWriter::write(const EncodedText& text) {
  for (const auto& [file, token] : text.files) begin_file(file, token);
  training_tokens_ += std::ssize(text.training.tokens);
  training_.append(text.training.tokens);
  held_out_.append(text.held_out.tokens);
  manifest_.training.documents += text.training.documents;
  manifest_.held_out.documents += text.held_out.documents;
  manifest_.text.tokens += std::ssize(text.training.tokens) + std::ssize(text.held_out.tokens);
  manifest_.text.unknown_tokens += text.unknown_tokens;
  manifest_.text.empty_documents += text.empty_documents;
  manifest_.text.cleaned_documents += text.cleaned_documents;
  statistics_ += text.statistics;
  report(text);
}

Manifest CorpusWriter::close(const text::BadRecords& bad) {
  close_splits();
  manifest_.text.short_records = bad.skipped_short();
  manifest_.text.good_records = bad.good();
  manifest_.text.bad_records = bad.bad();
  manifest_.text.bad_summary = bad.summary();
  statistics_.write(folder_);
  for (RuleReport& rule : tally_.reports()) report_.rules.push_back(std::move(rule));
  report_.write(folder_);
  return std::move(manifest_);
}

void CorpusWriter::close_splits() {
  close_split(training_, manifest_.training);
  close_split(held_out_, manifest_.held_out);
  begin_file(files_, 0);
  manifest_.file_starts.pop_back();
  for (std::int64_t& start : manifest_.file_starts) {
    start = std::min(start, manifest_.training.sequences);
  }
}

// Files without a document that stays begin where the next one does.
void CorpusWriter::begin_file(std::size_t file, std::uint64_t token) {
  const auto length = static_cast<std::int64_t>(manifest_.layout.sequence_length);
  const std::int64_t tokens = training_tokens_ + static_cast<std::int64_t>(token);
  auto& starts = manifest_.file_starts;
  if (file >= starts.size()) starts.resize(file + 1, (tokens + length - 1) / length);
}

void CorpusWriter::report(const EncodedText& text) {
  for (std::size_t i = 0; i < text.sources.size(); ++i) {
    const EncodedText::Source& source = text.sources[i];
    manifest_.text.bytes += source.packed.bytes;
    report_.sources[i].packed += source.packed;
    report_.sources[i].tokens += source.tokens;
    if (count_read_) report_.sources[i].read += source.packed;
  }
  for (const EncodedText::Dropped& dropped : text.dropped) {
    tally_.add({kCompressibility, dropped.detail}, dropped.source, dropped.document);
    if (!count_read_) continue;
    report_.sources[dropped.source].read += {.documents = 1, .bytes = dropped.document.bytes};
  }
}

}  // namespace cram::corpus
