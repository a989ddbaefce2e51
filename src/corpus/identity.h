// What a cached result was made from, as JSON whose hash names it.
#pragma once

#include <string>
#include <vector>

#include "cram/corpus/prepare.h"
#include "cram/text/document.h"

namespace cram::corpus {

// Names of the folders in the cache, before the key.
inline constexpr const char* kSelectionPrefix = "selection-";
inline constexpr const char* kTokenizerPrefix = "tokenizer-";
inline constexpr const char* kCorpusPrefix = "corpus-";
inline constexpr const char* kOrderPrefix = "order-";
inline constexpr const char* kDocumentsPrefix = "documents-";
// The last file of a tokenizer's folder holds its description; see Manifest for the corpus's.
inline constexpr const char* kTokenizerLastFile = "made_from.json";
inline constexpr const char* kDocumentsLastFile = ".documents.json";

// Everything that determines which documents stay.
[[nodiscard]] std::string describe_selection(const std::vector<text::SourceFile>& files,
                                             const PrepareOptions& options);

// Everything that determines a tokenizer trained by prepare() on the text that `selection`, the
// folder of one or nothing, keeps; of a given one, what tells it from others. The corpus's
// description is describe_corpus() in pack.h.
[[nodiscard]] std::string describe_training(const std::vector<text::SourceFile>& files,
                                            const PrepareOptions& options,
                                            const std::filesystem::path& selection);
[[nodiscard]] std::string describe_given(const tokenizer::Tokenizer& tokenizer);

// Everything that determines the exported documents: those that `selection` keeps, the folder of
// one or nothing.
[[nodiscard]] std::string describe_documents(const std::vector<text::SourceFile>& files,
                                             const PrepareOptions& options,
                                             const std::filesystem::path& selection);

// Everything that determines the order of the training sequences of a corpus.
[[nodiscard]] std::string describe_order(const std::string& corpus_key,
                                         const PrepareOptions& options);

}  // namespace cram::corpus
