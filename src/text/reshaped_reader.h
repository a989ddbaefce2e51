// Documents made of the records of a file: cleaned, and several joined to one, as BookCorpus wants
// it, which comes a sentence a record.
#pragma once

#include <cstdint>
#include <memory>

#include "cram/text/document.h"

namespace cram::text {

struct Reshaping {
  bool clean_unicode = false;
  std::int64_t join = 1;  // records; fewer at the end of the file and where they reach max_bytes
  std::int64_t min_bytes = 1;
  std::int64_t max_bytes = 0;
};

class ReshapedReader final : public DocumentReader {
 public:
  // `records` may be as short as they like. What is too short, or blank, afterwards is counted so.
  ReshapedReader(std::unique_ptr<DocumentReader> records, const Reshaping& reshaping,
                 BadRecords& bad);

  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override { return records_->bytes_read(); }

 private:
  [[nodiscard]] std::optional<Document> next_record();
  [[nodiscard]] std::optional<Document> join();

  std::unique_ptr<DocumentReader> records_;
  Reshaping reshaping_;
  BadRecords& bad_;
};

}  // namespace cram::text
