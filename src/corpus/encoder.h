// Documents to tokens: what the threads of pack() do, many documents at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "cram/corpus/pack.h"

namespace cram::corpus {

struct DocumentBatch {
  std::vector<text::Document> documents;
  std::uint64_t bytes_read = 0;  // of the files, up to the end of this batch
};

struct EncodedBatch {
  struct Part {
    std::vector<TokenId> tokens;
    std::int64_t documents = 0;
  };
  Part training;
  Part held_out;
  std::int64_t text_bytes = 0;
  std::int64_t unknown_tokens = 0;
  std::int64_t empty_documents = 0;
  std::uint64_t bytes_read = 0;
};

// Safe to use from many threads; tokenizer and options must outlive it.
class Encoder {
 public:
  Encoder(const tokenizer::Tokenizer& tokenizer, const PackOptions& options)
      : tokenizer_(tokenizer), options_(options) {}

  [[nodiscard]] EncodedBatch encode(const DocumentBatch& batch) const;

 private:
  void encode_document(const std::string& text, EncodedBatch& result) const;

  const tokenizer::Tokenizer& tokenizer_;
  const PackOptions& options_;
};

}  // namespace cram::corpus
