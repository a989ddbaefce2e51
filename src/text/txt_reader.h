// Documents of a plain text file: paragraphs between blank lines, or the whole file.
#pragma once

#include <string>

#include "cram/text/document.h"
#include "cram/text/line_reader.h"

#include "document_queue.h"

namespace cram::text {

class TxtReader final : public DocumentReader {
 public:
  TxtReader(const std::filesystem::path& path, Compression compression, const ReadOptions& options,
            BadRecords& bad);

  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override { return lines_.bytes_read(); }

 private:
  void read_record();
  [[nodiscard]] bool add(const LineReader::Line& line);
  void finish();
  void put(std::size_t bytes);

  LineReader lines_;
  DocumentQueue queue_;
  bool blank_line_ends_;
  std::string pending_;          // the document that is being read, each line with its \n
  std::int64_t first_line_ = 1;  // of pending_
  bool at_line_start_ = true;
  bool finished_ = false;
};

}  // namespace cram::text
