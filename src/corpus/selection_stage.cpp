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
#include "repeat_cutter.h"

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

std::vector<std::string> all_names(const selection::Selector& selector,
                                   const selection::Rules& rules) {
  std::vector<std::string> names = selector.names();
  if (!rules.repeats) return names;
  for (std::string& name : RepeatCutter::names()) names.push_back(std::move(name));
  return names;
}

// Takes the examined batches in order and writes what comes of them into a folder.
class Decisions {
 public:
  Decisions(selection::Selector& selector, const std::vector<text::SourceFile>& files,
            const PrepareOptions& options, std::filesystem::path folder)
      : selector_(selector),
        tally_(all_names(selector, options.rules), count_sources(files)),
        folder_(std::move(folder)) {
    report_.sources = name_sources(options.sources, files);
    if (!options.rules.repeats) return;
    selection::RepeatOptions repeats = *options.rules.repeats;
    repeats.threads = std::max(options.threads, 1);
    cutter_.emplace(repeats, folder_);
  }

  void take(ExaminedBatch batch) {
    for (std::size_t i = 0; i < batch.examined.size(); ++i) {
      const SourcedDocument& document = batch.batch.documents[i];
      const auto bytes = static_cast<std::int64_t>(document.text.size());
      report_.sources[document.source].read += {.documents = 1, .bytes = bytes};
      bytes_ += bytes;
      const auto drop = selector_.decide(std::move(batch.examined[i]));
      if (drop) {
        tally_.add(*drop, document.source, document.text);
      } else if (cutter_) {
        cutter_->add(document, kept_.documents());
      }
      kept_.add(!drop);
    }
  }

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

  // To be called once, after all of them. The report last: it makes the entry complete.
  void write() {
    CutSpans::write(cutter_ ? cutter_->finish(kept_, tally_) : std::vector<CutSpan>(), folder_);
    kept_.write(folder_);
    report_.rules = tally_.reports();
    report_.write(folder_);
  }

 private:
  selection::Selector& selector_;
  DropTally tally_;
  std::filesystem::path folder_;
  SelectionReport report_;
  KeptDocumentsWriter kept_;
  std::optional<RepeatCutter> cutter_;
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
  return entry_->make([this] { inspect(); },
                      [this](const std::filesystem::path& folder) { fill(folder); });
}

void SelectionStage::inspect() const {
  const KeptDocuments kept(folder());
  if (SelectionReport::read_from(folder()).read().documents == kept.documents()) return;
  throw Error(ErrorCode::kData, folder().string() + ": not of one piece");
}

void SelectionStage::fill(const std::filesystem::path& folder) const {
  const std::string made_from = describe_selection(files_, options_);
  selection::Selector selector(options_.rules);
  Decisions decisions(selector, files_, options_, folder);
  text::BadRecords bad;
  {
    DocumentStream stream(files_, options_.read, bad);
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
  }
  bad.check(options_.max_bad_share);
  if (describe_selection(files_, options_) != made_from) refuse_changed_text();
  decisions.write();
}

}  // namespace cram::corpus
