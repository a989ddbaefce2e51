// Documents from files of raw text, as a stream in constant memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cram::text {

// A document is valid UTF-8 and not empty. What counts as one: a blank-line paragraph or a whole
// file (.txt), an object (.jsonl), a row (.parquet).
struct Document {
  std::string text;
};

enum class TxtDocuments { kParagraph, kFile };

struct ReadOptions {
  std::string text_field = "text";
  TxtDocuments txt_documents = TxtDocuments::kParagraph;
  std::int64_t min_document_bytes = 1;
  std::int64_t max_document_bytes = 16 << 20;
};

// What was wrong in the input, counted by kind, with the first places. Thread-safe.
// A bad record is skipped; an unreadable rest of a file (truncated archive) counts once.
class BadRecords {
 public:
  enum class Kind { kInvalidUtf8, kBrokenJson, kMissingField, kTruncatedArchive, kTooLong };
  // `place` is "file:line" or "file:row N".
  void add(Kind kind, const std::string& place, const std::string& detail);
  void count_good(std::int64_t records = 1);

  [[nodiscard]] std::int64_t bad() const;
  [[nodiscard]] std::int64_t good() const;
  // "3 bad records of 1,234: broken JSON 2 (a.jsonl:17: …), invalid UTF-8 1 (…)"; empty when none.
  [[nodiscard]] std::string summary() const;
  // Throws Error{kData} when more than `share` of all records (and more than none) are bad.
  void check(double share) const;

 private:
  struct State;
  std::shared_ptr<State> state_ = make_state();
  static std::shared_ptr<State> make_state();
};

// One file to read. `bytes` is its size on disk.
struct SourceFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

// Expands files, folders (recursively) and globs (`*`, `?`, `[…]`, `**`) into the files whose
// format is known, sorted by path within each source, each file once. Hidden files are skipped.
// Throws Error{kData} for a source that matches nothing, naming the formats that are read.
[[nodiscard]] std::vector<SourceFile> find_sources(const std::vector<std::string>& sources);

// The documents of one file. next() returns them in file order, then nothing.
// Throws Error{kData} when the file cannot be opened or is not of its format at all.
class DocumentReader {
 public:
  virtual ~DocumentReader() = default;
  virtual std::optional<Document> next() = 0;
  // Bytes of the (compressed) file consumed so far, for progress.
  [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
};

// Opens by name: .txt .jsonl .json(l) .parquet, the first two also with .gz .bz2 .xz .zst.
[[nodiscard]] std::unique_ptr<DocumentReader> open_documents(const SourceFile& file,
                                                             const ReadOptions& options,
                                                             BadRecords& bad);

}  // namespace cram::text
