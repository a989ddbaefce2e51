// Documents as clean_unicode() leaves them.
#pragma once

#include <memory>

#include "cram/text/document.h"

namespace cram::text {

class CleanedReader final : public DocumentReader {
 public:
  explicit CleanedReader(std::unique_ptr<DocumentReader> documents);

  // Those of which nothing is left are passed over.
  std::optional<Document> next() override;
  [[nodiscard]] std::uint64_t bytes_read() const override { return documents_->bytes_read(); }

 private:
  std::unique_ptr<DocumentReader> documents_;
};

}  // namespace cram::text
