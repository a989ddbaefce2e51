// The last rule of a selection: text that stood before in what the other rules keep is cut out, and
// a document of which nothing is left goes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cram/selection/repeats.h"
#include "cram/text/sources.h"

#include "cut_spans.h"
#include "drop_tally.h"
#include "kept_documents.h"

namespace cram::corpus {

class RepeatCutter {
 public:
  // `kept` says what documents of the files `text` is of, which is as KeptText has it. All must
  // outlive it.
  RepeatCutter(const std::vector<text::SourceFile>& files, const KeptDocuments& kept,
               std::string_view text);

  // All that Drop::rule may say.
  [[nodiscard]] static std::vector<std::string> names();

  // Writes what is cut out of the documents that stay. Drops of `kept` those of which nothing is
  // left, and tells `tally` of both. To be called once.
  void cut(const selection::RepeatOptions& options, KeptDocumentsWriter& kept, DropTally& tally,
           CutSpansWriter& cuts);

 private:
  // One that stays; before the first.
  struct Document {
    std::int64_t number = -1;
    std::size_t file = 0;
    std::uint64_t begin = 0;  // in the text
    std::uint64_t end = ~std::uint64_t{0};
  };

  // Goes on to the document in which the place is.
  void go_to(std::uint64_t place);
  void next();

  const std::vector<text::SourceFile>& files_;
  const KeptDocuments& kept_;
  std::string_view text_;
  Document document_;
};

}  // namespace cram::corpus
