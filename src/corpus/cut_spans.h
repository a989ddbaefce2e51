// What is cut out of the documents that stay.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "checked_file.h"

namespace cram::corpus {

// Bytes of a document's text, `end` excluded. Those of a document are apart from each other.
struct CutSpan {
  std::int64_t document = 0;  // as KeptDocuments counts
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class CutSpans {
 public:
  static constexpr const char* kFileName = "cut.spans";

  // Nothing is cut.
  CutSpans() = default;
  // What a finished selection cuts out. Throws Error{kData} unless the file is there and as it was
  // written.
  explicit CutSpans(const std::filesystem::path& folder);

  // Takes them out of a document's text. False where it is another text than they were found in.
  [[nodiscard]] bool cut(std::int64_t document, std::string& text) const;

 private:
  std::optional<CheckedMap> file_;
  std::span<const CutSpan> spans_;
};

class CutSpansWriter {
 public:
  // Into a folder.
  explicit CutSpansWriter(const std::filesystem::path& folder);

  // In the order of documents and places.
  void add(const CutSpan& span);
  void close() { file_.close(); }

 private:
  CheckedWriter file_;
};

}  // namespace cram::corpus
