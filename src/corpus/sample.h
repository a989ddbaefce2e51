// The text that a tokenizer is trained on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cram/corpus/prepare.h"
#include "cram/corpus/progress.h"

#include "document_stream.h"

namespace cram::corpus {

// About train_bytes of documents, drawn evenly from all the text; never a held-out one. The same
// in every run. `files` and `options` must outlive it; `selection` is the folder of a complete
// selection, or empty.
class TrainingSample {
 public:
  TrainingSample(const std::vector<text::SourceFile>& files, const PrepareOptions& options,
                 const std::filesystem::path& selection);

  // The next document; at the end nothing, or Error{kData} when too many records were bad.
  [[nodiscard]] std::optional<std::string> next();
  [[nodiscard]] std::int64_t documents() const { return documents_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] bool draw();

  const PrepareOptions& options_;
  double share_;  // of the documents
  text::BadRecords bad_;
  KeptDocuments kept_;
  DocumentStream stream_;
  std::optional<ProgressLine> progress_;  // until the end
  std::uint64_t number_ = 0;
  std::int64_t passed_bytes_ = 0;
  std::int64_t documents_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace cram::corpus
