// corpus.html: what became of the text, for people, in one file without a network.
#pragma once

#include <filesystem>
#include <string>

#include "cram/corpus/manifest.h"
#include "cram/corpus/prepare.h"
#include "cram/corpus/selection_report.h"
#include "cram/corpus/text_statistics.h"

namespace cram::corpus {

// Documents, text and tokens of each source; what each rule left out, with samples; the splits; how
// long documents are, how finely they are cut and how much of the vocabulary they use; and the time
// of each stage that had something to do.
[[nodiscard]] std::string render_corpus_page(const Manifest& manifest,
                                             const SelectionReport& report,
                                             const TextStatistics& statistics,
                                             const std::vector<StageTime>& stages);

// Writes it beside the packed text, unless it is there and nothing new was made, and returns its
// path.
std::filesystem::path write_corpus_page(const Prepared& prepared);

}  // namespace cram::corpus
