#include "selection_stage.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/base/pipeline.h"
#include "cram/corpus/progress.h"
#include "cram/corpus/selection_report.h"

#include "document_stream.h"
#include "drop_tally.h"
#include "identity.h"
#include "kept_documents.h"

namespace cram::corpus {
namespace {

struct ExaminedBatch {
  DocumentBatch batch;
  std::vector<selection::Selector::Examined> examined;  // of each document
};

ExaminedBatch examine(const selection::Selector& selector, DocumentBatch batch) {
  ExaminedBatch result;
  for (const SourcedDocument& document : batch.documents) {
    result.examined.push_back(selector.examine(document.text));
  }
  result.batch = std::move(batch);
  return result;
}

// Takes the examined batches in order.
class Decisions {
 public:
  Decisions(selection::Selector& selector, const std::vector<text::SourceFile>& files,
            const std::vector<std::string>& source_names)
      : selector_(selector), tally_(selector.names(), count_sources(files)) {
    report_.sources = name_sources(source_names, files);
  }

  void take(ExaminedBatch batch) {
    for (std::size_t i = 0; i < batch.examined.size(); ++i) {
      const SourcedDocument& document = batch.batch.documents[i];
      const auto bytes = static_cast<std::int64_t>(document.text.size());
      report_.sources[document.source].read += {.documents = 1, .bytes = bytes};
      bytes_ += bytes;
      const auto drop = selector_.decide(std::move(batch.examined[i]));
      kept_.add(!drop);
      if (drop) tally_.add(*drop, document.source, document.text);
    }
  }

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

  // The report last: it makes the entry complete.
  void write(const std::filesystem::path& folder) {
    kept_.write(folder);
    report_.rules = tally_.reports();
    report_.write(folder);
  }

 private:
  selection::Selector& selector_;
  DropTally tally_;
  SelectionReport report_;
  KeptDocumentsWriter kept_;
  std::int64_t bytes_ = 0;
};

std::optional<CacheEntry> entry_of(const std::vector<text::SourceFile>& files,
                                   const PrepareOptions& options) {
  if (!options.rules.any()) return std::nullopt;
  const std::string made_from = describe_selection(files, options);
  return CacheEntry(options.cache, kSelectionPrefix + hex64(hash64(made_from)),
                    SelectionReport::kFileName);
}

}  // namespace

SelectionStage::SelectionStage(const std::vector<text::SourceFile>& files,
                               const PrepareOptions& options)
    : files_(files), options_(options), entry_(entry_of(files, options)) {}

std::filesystem::path SelectionStage::folder() const {
  return entry_ ? entry_->folder() : std::filesystem::path();
}

bool SelectionStage::complete() const { return !entry_ || entry_->complete(); }

bool SelectionStage::make() const {
  if (!entry_) return false;
  return entry_->make([this] { return inspect(); },
                      [this](const std::filesystem::path& folder) { fill(folder); });
}

std::string SelectionStage::inspect() const {
  try {
    const KeptDocuments kept(folder());
    const SelectionReport report = SelectionReport::read_from(folder());
    return report.read().documents == kept.documents() ? ""
                                                       : folder().string() + ": not of one piece";
  } catch (const Error& error) {
    return error.what();
  }
}

void SelectionStage::fill(const std::filesystem::path& folder) const {
  const std::string made_from = describe_selection(files_, options_);
  selection::Selector selector(options_.rules);
  text::BadRecords bad;
  DocumentStream stream(files_, options_.read, bad);
  Decisions decisions(selector, files_, options_.sources);
  ProgressLine progress("selecting text", total_bytes(files_));
  run_ordered_pipeline(
      std::max(options_.threads, 1), [&] { return next_batch(stream); },
      [&](DocumentBatch batch) { return examine(selector, std::move(batch)); },
      [&](ExaminedBatch batch) {
        bad.check_early(options_.max_bad_share);
        const std::uint64_t bytes_read = batch.batch.bytes_read;
        decisions.take(std::move(batch));
        progress.update(bytes_read, decisions.bytes());
      });
  bad.check(options_.max_bad_share);
  if (describe_selection(files_, options_) != made_from) refuse_changed_text();
  decisions.write(folder);
}

}  // namespace cram::corpus
