// What the rules say of documents that follow each other, each by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "cram/selection/selector.h"

#include "byte_stream.h"
#include "document_stream.h"
#include "drop_tally.h"

namespace cram::corpus {

struct ExaminedDocument {
  std::size_t file = 0;  // as SourcedDocument has them
  std::size_t source = 0;
  // Of a document that stays whatever others say only the size.
  Excerpt excerpt;
  selection::Selector::Examined examined;
};

class ExaminedText {
 public:
  ExaminedText() = default;
  explicit ExaminedText(ByteReader& reader);
  void put_into(ByteWriter& writer) const;

  [[nodiscard]] const std::vector<ExaminedDocument>& documents() const { return documents_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  void add(ExaminedDocument document);
  // What comes of the documents behind these.
  void append(ExaminedText next);

 private:
  std::vector<ExaminedDocument> documents_;
  std::int64_t bytes_ = 0;  // of the documents, about
};

// Safe to use from many threads.
[[nodiscard]] ExaminedText examine(const selection::Selector& selector, const DocumentBatch& batch);

}  // namespace cram::corpus
