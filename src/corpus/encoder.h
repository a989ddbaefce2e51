// Documents to tokens: what the threads of pack() do, many documents at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/corpus/pack.h"
#include "cram/corpus/selection_report.h"
#include "cram/corpus/text_statistics.h"

#include "document_stream.h"

namespace cram::corpus {

struct EncodedBatch {
  struct Part {
    std::vector<TokenId> tokens;
    std::int64_t documents = 0;
  };
  // A document without tokens counts as packed: nothing left it out.
  struct Source {
    Amount packed;
    std::int64_t tokens = 0;
  };
  // Where the first document of a file begins among the training tokens.
  struct FileStart {
    std::size_t file = 0;
    std::size_t token = 0;
  };
  struct Dropped {
    SourcedDocument document;
    std::string detail;
  };
  Part training;
  Part held_out;
  std::vector<Source> sources;   // by their numbers, up to the last that occurs
  std::vector<FileStart> files;  // in which the documents stand, ascending
  std::vector<Dropped> dropped;  // by the compressibility filter
  TextStatistics statistics;
  std::int64_t unknown_tokens = 0;
  std::int64_t empty_documents = 0;
  std::int64_t cleaned_documents = 0;
  std::uint64_t bytes_read = 0;

  [[nodiscard]] Source& source(std::size_t number) {
    if (sources.size() <= number) sources.resize(number + 1);
    return sources[number];
  }
};

// Safe to use from many threads; tokenizer and options must outlive it.
class Encoder {
 public:
  Encoder(const tokenizer::Tokenizer& tokenizer, const PackOptions& options)
      : tokenizer_(tokenizer), options_(options) {}

  [[nodiscard]] EncodedBatch encode(DocumentBatch batch) const;

 private:
  void encode_document(SourcedDocument& document, EncodedBatch& result) const;
  [[nodiscard]] std::optional<std::string> find_incompressible(std::string_view text,
                                                               std::size_t tokens) const;

  const tokenizer::Tokenizer& tokenizer_;
  const PackOptions& options_;
};

}  // namespace cram::corpus
