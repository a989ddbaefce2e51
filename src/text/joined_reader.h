// Successive documents of a file as one: BookCorpus, for one, comes a sentence a record.
#pragma once

#include <cstdint>
#include <memory>

#include "cram/text/document.h"

namespace cram::text {

class JoinedReader final : public DocumentReader {
 public:
  // At least 1 of them; fewer at the end of the file and where they reach `max_bytes`.
  JoinedReader(std::unique_ptr<DocumentReader> records, std::int64_t count, std::int64_t max_bytes);

  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override { return records_->bytes_read(); }

 private:
  std::unique_ptr<DocumentReader> records_;
  std::int64_t count_;
  std::size_t max_bytes_;
};

}  // namespace cram::text
