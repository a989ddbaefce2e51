#include "order_stage.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/corpus/corpus.h"
#include "cram/corpus/manifest.h"

#include "document_stream.h"
#include "identity.h"
#include "order_list.h"

namespace cram::corpus {
namespace {

// Where each source begins, in sequences: with its first file.
std::vector<std::int64_t> source_starts(const std::vector<text::SourceFile>& files,
                                        const Manifest& manifest) {
  std::vector<std::int64_t> starts;
  for (std::size_t i = 0; i < files.size(); ++i) {
    while (starts.size() <= files[i].source) starts.push_back(manifest.file_starts.at(i));
  }
  return starts;
}

void refuse_empty_sources(const std::vector<text::SourceFile>& files,
                          const PrepareOptions& options) {
  for (std::size_t source = 0; source < options.epochs.size(); ++source) {
    const auto is_of_it = [&](const text::SourceFile& file) { return file.source == source; };
    if (std::any_of(files.begin(), files.end(), is_of_it)) continue;
    throw Error(ErrorCode::kUsage,
                options.sources.at(source) +
                    ": 'data.epochs' has a number for it, but all of its "
                    "files are of sources before it",
                "name each file in one source");
  }
}

std::optional<CacheEntry> entry_of(const std::filesystem::path& corpus,
                                   const PrepareOptions& options) {
  if (options.ordering == Ordering::kShuffled && options.epochs.empty()) return std::nullopt;
  const std::string made_from = describe_order(Manifest::read(corpus).key(), options);
  return CacheEntry(options.cache, kOrderPrefix + hex64(hash64(made_from)),
                    SequenceList::kFileName);
}

}  // namespace

OrderStage::OrderStage(const std::vector<text::SourceFile>& files,
                       const tokenizer::Tokenizer& tokenizer, const std::filesystem::path& corpus,
                       const PrepareOptions& options)
    : files_(files),
      tokenizer_(tokenizer),
      corpus_(corpus),
      options_(options),
      entry_(entry_of(corpus, options)) {}

std::filesystem::path OrderStage::folder() const {
  return entry_ ? entry_->folder() : std::filesystem::path();
}

bool OrderStage::complete() const {
  return !entry_ || (entry_->complete() && problem_of([this] { inspect(); }).empty());
}

bool OrderStage::make() const {
  if (!entry_) return false;
  return entry_->make([this] { inspect(); },
                      [this](const std::filesystem::path& folder) { fill(folder); });
}

void OrderStage::inspect() const {
  (void)SequenceList(folder(), Manifest::read(corpus_).training.sequences);
}

void OrderStage::fill(const std::filesystem::path& folder) const {
  refuse_empty_sources(files_, options_);
  OrderRequest request = {.ordering = options_.ordering,
                          .source_starts = source_starts(files_, Manifest::read(corpus_)),
                          .epochs = options_.epochs,
                          .seed = options_.order_seed,
                          .threads = std::max(options_.threads, 1)};
  if (request.epochs.empty()) request.epochs.assign(request.source_starts.size(), 1);
  SequenceList::write(folder, list_sequences(Corpus(corpus_), tokenizer_, request));
}

}  // namespace cram::corpus
