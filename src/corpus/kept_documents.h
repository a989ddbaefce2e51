// Which documents of a text stay: a bit for each, in the order in which they are read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cram::corpus {

class KeptDocuments {
 public:
  static constexpr const char* kFileName = "kept.bits";

  // Keeps everything.
  KeptDocuments() = default;
  // What a finished selection keeps; everything where `folder` is empty. Throws Error{kData} unless
  // the file is there and as it was written.
  explicit KeptDocuments(const std::filesystem::path& folder);

  [[nodiscard]] bool keeps(std::int64_t document) const;
  // Of how many documents it tells; nothing where it keeps everything.
  [[nodiscard]] std::optional<std::int64_t> documents() const { return documents_; }

 private:
  std::string bits_;
  std::optional<std::int64_t> documents_;
};

// Collects the bits.
class KeptDocumentsWriter {
 public:
  void add(bool keep);
  void write(const std::filesystem::path& folder) const;

 private:
  std::string bits_;
  std::int64_t documents_ = 0;
};

}  // namespace cram::corpus
