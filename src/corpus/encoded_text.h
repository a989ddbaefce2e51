// What packing makes of documents that follow each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/corpus/selection_report.h"
#include "cram/corpus/text_statistics.h"

#include "byte_stream.h"
#include "drop_tally.h"

namespace cram::corpus {

struct EncodedText {
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
    std::uint64_t file = 0;
    std::uint64_t token = 0;
  };
  struct Dropped {
    std::size_t source = 0;
    Excerpt document;
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

  EncodedText() = default;
  explicit EncodedText(ByteReader& reader);
  void put_into(ByteWriter& writer) const;

  [[nodiscard]] Source& source(std::size_t number) {
    if (sources.size() <= number) sources.resize(number + 1);
    return sources[number];
  }
  [[nodiscard]] std::int64_t bytes() const {
    return std::ssize(training.tokens) * std::int64_t{sizeof(TokenId)};
  }
  // What comes of the documents behind these.
  void append(EncodedText next);
};

}  // namespace cram::corpus
