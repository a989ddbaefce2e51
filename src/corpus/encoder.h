// Documents to tokens: what the threads of pack() do, many documents at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/corpus/pack.h"

#include "document_stream.h"
#include "encoded_text.h"

namespace cram::corpus {

// Safe to use from many threads; tokenizer and options must outlive it.
class Encoder {
 public:
  Encoder(const tokenizer::Tokenizer& tokenizer, const PackOptions& options)
      : tokenizer_(tokenizer), options_(options) {}

  [[nodiscard]] EncodedText encode(const DocumentBatch& batch) const;

 private:
  void encode_document(const SourcedDocument& document, EncodedText& result) const;
  [[nodiscard]] std::optional<std::string> find_incompressible(std::string_view text,
                                                               std::size_t tokens) const;

  const tokenizer::Tokenizer& tokenizer_;
  const PackOptions& options_;
};

}  // namespace cram::corpus
