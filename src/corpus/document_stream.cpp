#include "document_stream.h"

#include <algorithm>
#include <numeric>

#include "cram/base/interrupt.h"

namespace cram::corpus {

std::optional<text::Document> DocumentStream::next() {
  interrupt::throw_if_stopped();
  while (file_ < files_.size()) {
    if (!reader_) reader_ = text::open_documents(files_[file_], options_, bad_);
    if (std::optional<text::Document> document = reader_->next()) return document;
    reader_.reset();
    finished_bytes_ += files_[file_].bytes;
    ++file_;
  }
  return std::nullopt;
}

std::uint64_t DocumentStream::bytes_read() const {
  if (!reader_) return finished_bytes_;
  return finished_bytes_ + std::min(reader_->bytes_read(), files_[file_].bytes);
}

std::uint64_t total_bytes(const std::vector<text::SourceFile>& files) {
  return std::accumulate(
      files.begin(), files.end(), std::uint64_t{0},
      [](std::uint64_t sum, const text::SourceFile& file) { return sum + file.bytes; });
}

}  // namespace cram::corpus
