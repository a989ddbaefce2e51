// Which documents of a text stay: a bit for each, in the order in which they are read. What of
// them, and where those of each file begin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cut_spans.h"

namespace cram::corpus {

class KeptDocuments {
 public:
  static constexpr const char* kFileName = "kept.bits";
  static constexpr const char* kStartsName = "file.starts";

  // Keeps everything.
  KeptDocuments() = default;
  // What a finished selection keeps; everything where `folder` is empty. Throws Error{kData} unless
  // its files are there and as they were written.
  explicit KeptDocuments(const std::filesystem::path& folder);
  // `bits` has a bit for each of `documents`, `file_starts` the first of each file. Nothing is cut.
  KeptDocuments(std::string bits, std::int64_t documents, std::vector<std::int64_t> file_starts);

  [[nodiscard]] bool keeps(std::int64_t document) const;
  [[nodiscard]] const CutSpans& cuts() const { return cuts_; }
  // Of how many documents it tells; nothing where it keeps everything.
  [[nodiscard]] std::optional<std::int64_t> documents() const { return documents_; }
  // The number of the first document of a file or of a later one; after the last file that of the
  // document which would come next. 0 where it keeps everything.
  [[nodiscard]] std::int64_t start_of_file(std::size_t file) const;

 private:
  std::string bits_;
  std::vector<std::int64_t> file_starts_;
  CutSpans cuts_;
  std::optional<std::int64_t> documents_;
};

// Collects the bits.
class KeptDocumentsWriter {
 public:
  // The next document in reading order, which stands in this file.
  void add(std::size_t file, bool keep);
  // Lets one go that was to be kept.
  void drop(std::int64_t document);
  // All that is known after the last of so many files.
  [[nodiscard]] KeptDocuments documents(std::size_t files) const;
  // Likewise.
  void write(std::size_t files, const std::filesystem::path& folder) const;

 private:
  [[nodiscard]] std::vector<std::int64_t> starts_of(std::size_t files) const;

  std::string bits_;
  std::vector<std::int64_t> file_starts_;
  std::int64_t documents_ = 0;
};

}  // namespace cram::corpus
