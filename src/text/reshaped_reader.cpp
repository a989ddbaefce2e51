#include "reshaped_reader.h"

#include <utility>

#include "cram/text/clean_unicode.h"

#include "document_queue.h"

namespace cram::text {
ReshapedReader::ReshapedReader(std::unique_ptr<DocumentReader> records, const Reshaping& reshaping,
                               BadRecords& bad)
    : records_(std::move(records)), reshaping_(reshaping), bad_(bad) {}

std::optional<Document> ReshapedReader::next() {
  while (std::optional<Document> document = join()) {
    if (static_cast<std::int64_t>(document->text.size()) >= reshaping_.min_bytes) return document;
    bad_.recount_as_short();
  }
  return std::nullopt;
}

std::optional<Document> ReshapedReader::join() {
  const auto enough = static_cast<std::size_t>(reshaping_.max_bytes);
  std::optional<Document> joined = next_record();
  for (std::int64_t i = 1; joined && i < reshaping_.join && joined->text.size() < enough; ++i) {
    const std::optional<Document> record = next_record();
    if (!record) break;
    joined->text += '\n';
    joined->text += record->text;
    joined->cleaned |= record->cleaned;
  }
  return joined;
}

std::optional<Document> ReshapedReader::next_record() {
  while (std::optional<Document> record = records_->next()) {
    if (!reshaping_.clean_unicode) return record;
    std::string cleaned = clean_unicode(record->text);
    if (is_blank(cleaned)) {
      bad_.recount_as_short();
      continue;
    }
    record->cleaned = cleaned != record->text;
    record->text = std::move(cleaned);
    return record;
  }
  return std::nullopt;
}

}  // namespace cram::text
