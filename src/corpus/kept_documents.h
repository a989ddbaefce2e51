// Which documents of a text stay: a bit for each, in the order in which they are read. And what of
// them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cut_spans.h"

namespace cram::corpus {

class KeptDocuments {
 public:
  static constexpr const char* kFileName = "kept.bits";

  // Keeps everything.
  KeptDocuments() = default;
  // What a finished selection keeps; everything where `folder` is empty. Throws Error{kData} unless
  // its files are there and as they were written.
  explicit KeptDocuments(const std::filesystem::path& folder);

  [[nodiscard]] bool keeps(std::int64_t document) const;
  [[nodiscard]] const CutSpans& cuts() const { return cuts_; }
  // Of how many documents it tells; nothing where it keeps everything.
  [[nodiscard]] std::optional<std::int64_t> documents() const { return documents_; }

 private:
  std::string bits_;
  CutSpans cuts_;
  std::optional<std::int64_t> documents_;
};

// Collects the bits.
class KeptDocumentsWriter {
 public:
  void add(bool keep);
  // Lets one go that was to be kept.
  void drop(std::int64_t document);
  [[nodiscard]] std::int64_t documents() const { return documents_; }
  void write(const std::filesystem::path& folder) const;

 private:
  std::string bits_;
  std::int64_t documents_ = 0;
};

}  // namespace cram::corpus
