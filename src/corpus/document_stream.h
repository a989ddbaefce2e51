// The documents of many files, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cram/text/document.h"

namespace cram::corpus {

// Not thread-safe. The files, options and records must outlive it.
class DocumentStream {
 public:
  DocumentStream(const std::vector<text::SourceFile>& files, const text::ReadOptions& options,
                 text::BadRecords& bad)
      : files_(files), options_(options), bad_(bad) {}

  // Nothing at the end. Throws Interrupted when the process is asked to stop.
  [[nodiscard]] std::optional<text::Document> next();
  // Of all the files, as they lie on disk.
  [[nodiscard]] std::uint64_t bytes_read() const;

 private:
  const std::vector<text::SourceFile>& files_;
  const text::ReadOptions& options_;
  text::BadRecords& bad_;
  std::size_t file_ = 0;
  std::uint64_t finished_bytes_ = 0;
  std::unique_ptr<text::DocumentReader> reader_;
};

[[nodiscard]] std::uint64_t total_bytes(const std::vector<text::SourceFile>& files);

}  // namespace cram::corpus
