// Encoded text to the files of a corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cram/corpus/manifest.h"
#include "cram/corpus/pack.h"
#include "cram/corpus/selection_report.h"
#include "cram/corpus/text_statistics.h"

#include "drop_tally.h"
#include "encoded_text.h"
#include "split_writer.h"

namespace cram::corpus {

class CorpusWriter {
 public:
  // `manifest` says of what the corpus is made and how it is laid out.
  CorpusWriter(std::filesystem::path folder, Manifest manifest,
               const std::vector<text::SourceFile>& files, const PackOptions& options);

  // To be called in the order of the text.
  void write(const EncodedText& text);
  [[nodiscard]] std::int64_t bytes_of_text() const { return manifest_.text.bytes; }

  // Writes the rest but for the manifest, which it returns: all that there is to say of the text,
  // given what was wrong with it. To be called once.
  [[nodiscard]] Manifest close(const text::BadRecords& bad);

 private:
  void begin_file(std::size_t file, std::uint64_t token);
  void report(const EncodedText& text);
  void close_splits();

  std::filesystem::path folder_;
  Manifest manifest_;
  std::size_t files_;
  SelectionReport report_;
  DropTally tally_;
  bool count_read_;  // no selection has
  TextStatistics statistics_;
  std::int64_t training_tokens_ = 0;
  SplitWriter training_;
  SplitWriter held_out_;
};

}  // namespace cram::corpus
