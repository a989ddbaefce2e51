// The documents of many files, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/text/document.h"

#include "file_range.h"
#include "kept_documents.h"

namespace cram::corpus {

struct SourcedDocument {
  std::string text;
  std::size_t source = 0;   // as SourceFile::source
  std::size_t file = 0;     // its place among the files
  std::int64_t number = 0;  // among all documents of the text, kept or not; of a text without a
                            // selection only among those of the files that are read
  bool cleaned = false;     // as text::Document says
};

// Not thread-safe. The files, options, records and what is kept must outlive it.
class DocumentStream {
 public:
  // Of the files in the range. Passes over what is not kept, and cuts out what is to be cut.
  DocumentStream(const std::vector<text::SourceFile>& files, const FileRange& range,
                 const text::ReadOptions& options, text::BadRecords& bad,
                 const KeptDocuments& kept);
  // Of all files.
  DocumentStream(const std::vector<text::SourceFile>& files, const text::ReadOptions& options,
                 text::BadRecords& bad, const KeptDocuments& kept)
      : DocumentStream(files, {.begin = 0, .end = files.size()}, options, bad, kept) {}

  // Nothing at the end. Throws Interrupted when the process is asked to stop, and Error{kData} at
  // the end when the documents are not as many as the selection saw or, before, not the same.
  [[nodiscard]] std::optional<SourcedDocument> next();
  // Passes over so many that next() would give. Throws as it does, also where there are fewer.
  void skip(std::int64_t documents);
  // Of the range's files, as they lie on disk.
  [[nodiscard]] std::uint64_t bytes_read() const;

 private:
  const std::vector<text::SourceFile>& files_;
  const text::ReadOptions& options_;
  text::BadRecords& bad_;
  const KeptDocuments& kept_;
  std::size_t file_;
  std::size_t end_;
  std::int64_t documents_;  // the number of the next one, kept or not
  std::uint64_t finished_bytes_ = 0;
  std::unique_ptr<text::DocumentReader> reader_;
};

// What threads work on at a time.
struct DocumentBatch {
  std::vector<SourcedDocument> documents;
  std::uint64_t bytes_read = 0;  // of the files, up to the end of this batch
};

// Enough text for the work on it to outweigh handing it from thread to thread; nothing at the end.
[[nodiscard]] std::optional<DocumentBatch> next_batch(DocumentStream& stream);

[[nodiscard]] std::uint64_t total_bytes(const std::vector<text::SourceFile>& files);
// One more than the last source of the files.
[[nodiscard]] std::size_t count_sources(const std::vector<text::SourceFile>& files);

// Throws that where files in the range are not as they were found.
void refuse_if_changed(const std::vector<text::SourceFile>& files, const FileRange& range);
// What to throw where two passes over the same files read different text.
[[noreturn]] void refuse_changed_text();

}  // namespace cram::corpus
