#include "document_stream.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

namespace cram::corpus {

DocumentStream::DocumentStream(const std::vector<text::SourceFile>& files, const FileRange& range,
                               const text::ReadOptions& options, text::BadRecords& bad,
                               const KeptDocuments& kept)
    : files_(files),
      options_(options),
      bad_(bad),
      kept_(kept),
      file_(range.begin),
      end_(range.end),
      documents_(kept.start_of_file(range.begin)) {}

std::optional<SourcedDocument> DocumentStream::next() {
  interrupt::throw_if_stopped();
  while (file_ < end_) {
    const text::SourceFile& file = files_[file_];
    if (!reader_) reader_ = text::open_documents(file, options_, bad_);
    while (std::optional<text::Document> document = reader_->next()) {
      const std::int64_t number = documents_++;
      if (!kept_.keeps(number)) continue;
      if (!kept_.cuts().cut(number, document->text)) refuse_changed_text();
      return SourcedDocument{.text = std::move(document->text),
                             .source = file.source,
                             .file = file_,
                             .number = number,
                             .cleaned = document->cleaned};
    }
    reader_.reset();
    finished_bytes_ += file.bytes;
    ++file_;
  }
  if (kept_.documents() && kept_.start_of_file(end_) != documents_) refuse_changed_text();
  return std::nullopt;
}

void DocumentStream::skip(std::int64_t documents) {
  for (; documents > 0; --documents) {
    if (!next()) refuse_changed_text();
  }
}

std::uint64_t DocumentStream::bytes_read() const {
  if (!reader_) return finished_bytes_;
  return finished_bytes_ + std::min(reader_->bytes_read(), files_[file_].bytes);
}

std::optional<DocumentBatch> next_batch(DocumentStream& stream) {
  constexpr std::size_t kBatchBytes = 256 << 10;
  DocumentBatch batch;
  std::size_t bytes = 0;
  while (bytes < kBatchBytes) {
    std::optional<SourcedDocument> document = stream.next();
    if (!document) break;
    bytes += document->text.size();
    batch.documents.push_back(std::move(*document));
  }
  batch.bytes_read = stream.bytes_read();
  if (batch.documents.empty()) return std::nullopt;
  return batch;
}

std::uint64_t total_bytes(const std::vector<text::SourceFile>& files) {
  return std::accumulate(
      files.begin(), files.end(), std::uint64_t{0},
      [](std::uint64_t sum, const text::SourceFile& file) { return sum + file.bytes; });
}

std::size_t count_sources(const std::vector<text::SourceFile>& files) {
  std::size_t count = 0;
  for (const text::SourceFile& file : files) count = std::max(count, file.source + 1);
  return count;
}

void refuse_if_changed(const std::vector<text::SourceFile>& files, const FileRange& range) {
  for (std::size_t file = range.begin; file < range.end; ++file) {
    if (text::has_changed(files[file])) refuse_changed_text();
  }
}

void refuse_changed_text() {
  throw Error(ErrorCode::kData, "the text changed while it was read",
              "run again when nothing writes to data.sources any more");
}

}  // namespace cram::corpus
