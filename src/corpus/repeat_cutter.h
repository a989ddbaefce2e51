// The last rule of a selection: text that stood before in what the other rules keep is cut out, and
// a document of which next to nothing is left goes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cram/base/file.h"
#include "cram/selection/repeats.h"

#include "cut_spans.h"
#include "document_stream.h"
#include "drop_tally.h"
#include "kept_documents.h"

namespace cram::corpus {

// What the other rules keep goes to a file, without which one could not look back: as large as the
// text. Memory: 24 bytes a document, and what find_repeats() takes.
class RepeatCutter {
 public:
  // Writes into `folder` until finish() ends.
  RepeatCutter(const selection::RepeatOptions& options, const std::filesystem::path& folder);

  // All that Drop::rule may say.
  [[nodiscard]] static std::vector<std::string> names();

  // A document that stays by the other rules. In reading order.
  void add(const SourcedDocument& document);

  // What is cut out of the documents that stay. Drops of `kept` those of which less is left than
  // the length of a repeat, and tells `tally` of both.
  [[nodiscard]] std::vector<CutSpan> finish(KeptDocumentsWriter& kept, DropTally& tally);

 private:
  struct Added {
    std::int64_t number = 0;
    std::size_t source = 0;
    std::uint64_t end = 0;  // in the file
  };

  [[nodiscard]] std::vector<selection::Span> find(std::string_view text) const;

  selection::RepeatOptions options_;
  std::filesystem::path file_;
  FileWriter writer_;
  std::vector<Added> documents_;
};

}  // namespace cram::corpus
