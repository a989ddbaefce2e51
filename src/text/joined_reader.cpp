#include "joined_reader.h"

#include <utility>

namespace cram::text {

JoinedReader::JoinedReader(std::unique_ptr<DocumentReader> records, std::int64_t count,
                           std::int64_t max_bytes)
    : records_(std::move(records)),
      count_(count),
      max_bytes_(static_cast<std::size_t>(max_bytes)) {}

std::optional<Document> JoinedReader::next() {
  std::optional<Document> joined = records_->next();
  for (std::int64_t i = 1; joined && i < count_ && joined->text.size() < max_bytes_; ++i) {
    const std::optional<Document> record = records_->next();
    if (!record) break;
    joined->text += '\n';
    joined->text += record->text;
    joined->cleaned |= record->cleaned;
  }
  return joined;
}

}  // namespace cram::text
