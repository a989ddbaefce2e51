// Documents from files of raw text, as a stream in constant memory.
//
// A document is valid UTF-8 and holds more than white space. What counts as one: a blank-line
// paragraph or a whole file (.txt), the text field of an object (.jsonl, one object a line), the
// text column of a row (.parquet). Rules for all of them:
// - A byte-order mark at the start of a file is dropped. Lines of .txt and .jsonl end with \n,
//   \r\n or \r; inside a document of a .txt file they become \n.
// - Malformed UTF-8, JSON escapes of lone surrogates and NUL characters are replaced by U+FFFD;
//   the document is kept and counted as a bad record.
// - A text longer than max_document_bytes is cut, after white space where there is some near the
//   end and never inside a character; what follows is the next document. (The replacement above
//   comes after the cut and may lengthen a piece.)
// - A text shorter than min_document_bytes, or all white space, is skipped and counted as short.
// - A record that cannot be used (broken JSON, missing text, a JSON line over 64 MiB and over four
//   times max_document_bytes) is skipped and counted as a bad record.
// - Where a compressed stream breaks off or does not decode, the text before it is used, and the
//   unreadable rest is counted once; of a .parquet file only the rest of its row group is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/text/bad_records.h"
#include "cram/text/sources.h"

namespace cram::text {

struct Document {
  std::string text;
  bool cleaned = false;  // clean_unicode() changed it
};

enum class TxtDocuments { kParagraph, kFile };

struct ReadOptions {
  std::string text_field = "text";  // of a .jsonl object or a .parquet table, at its top level
  TxtDocuments txt_documents = TxtDocuments::kParagraph;
  std::int64_t min_document_bytes = 1;
  std::int64_t max_document_bytes = 16 << 20;  // at least 4, the longest character
  bool clean_unicode = false;                  // as clean_unicode.h says
  // For each source, by its number: so many successive documents of a file become one, a line each,
  // unless they reach max_document_bytes before. Where it says nothing: 1.
  std::vector<std::int64_t> join_records = {};
};

// The documents of one file. Used by one thread at a time.
class DocumentReader {
 public:
  virtual ~DocumentReader() = default;
  // The next document in file order, then nothing. Throws Error{kData} when the disk fails or the
  // file turns out not to be of its format at all, and Interrupted when a signal asked to stop.
  virtual std::optional<Document> next() = 0;
  // Bytes of the file on disk used so far, for progress; all of them at the end of a whole file.
  [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
};

// Opens a file by its name, as sources.h lists them. Memory is a few buffers, and a few times
// max_document_bytes while one record is that long. `bad` must outlive the reader.
// Throws Error{kData} for a file that cannot be opened, is no regular file, is not of the format
// that its name says, or lacks the text column.
[[nodiscard]] std::unique_ptr<DocumentReader> open_documents(const SourceFile& file,
                                                             const ReadOptions& options,
                                                             BadRecords& bad);

// False when this program was built without Parquet; opening a .parquet file is then an Error.
[[nodiscard]] bool can_read_parquet();

}  // namespace cram::text
