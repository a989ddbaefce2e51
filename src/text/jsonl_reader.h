// Documents of a JSON Lines file: the text field of each line's object.
#pragma once

#include <string>
#include <string_view>

#include "cram/text/document.h"
#include "cram/text/line_reader.h"

#include "document_queue.h"

namespace cram::text {

class JsonlReader final : public DocumentReader {
 public:
  JsonlReader(const std::filesystem::path& path, Compression compression,
              const ReadOptions& options, BadRecords& bad);

  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override { return lines_.bytes_read(); }

 private:
  void read_record();
  void take(std::string_view line);
  void skip_long_line();
  void check_first(std::string_view line);
  void finish();

  std::string path_;
  std::string field_;
  LineReader lines_;
  DocumentQueue queue_;
  bool seen_line_ = false;
  bool finished_ = false;
};

}  // namespace cram::text
