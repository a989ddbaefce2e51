#include "selection_stage.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/units.h"
#include "cram/corpus/selection_report.h"

#include "document_stream.h"
#include "drop_tally.h"
#include "examined_text.h"
#include "identity.h"
#include "kept_documents.h"
#include "kept_text.h"
#include "piecework.h"
#include "probe.h"
#include "repeat_cutter.h"

namespace cram::corpus {
namespace {

std::vector<std::string> all_names(const selection::Selector& selector,
                                   const selection::Rules& rules) {
  std::vector<std::string> names = selector.names();
  if (!rules.repeats) return names;
  for (std::string& name : RepeatCutter::names()) names.push_back(std::move(name));
  return names;
}

std::optional<CacheEntry> entry_of(const std::vector<text::SourceFile>& files,
                                   const PrepareOptions& options) {
  if (!options.rules.any()) return std::nullopt;
  const std::string made_from = describe_selection(files, options);
  return CacheEntry(options.cache, kSelectionPrefix + hex64(hash64(made_from)),
                    SelectionReport::kFileName);
}

}  // namespace

// The making of one.
class SelectionStage::Selection {
 public:
  Selection(const std::vector<text::SourceFile>& files, const PrepareOptions& options,
            std::filesystem::path folder)
      : files_(files),
        options_(options),
        folder_(std::move(folder)),
        selector_(std::make_unique<selection::Selector>(options.rules)),
        tally_(all_names(*selector_, options.rules), count_sources(files)),
        kept_bytes_(files.size()),
        pieces_(piecework_options(), folder_) {
    report_.sources = name_sources(options.sources, files);
  }

  void remove_damaged() const { pieces_.remove_damaged(); }

  void examine(const std::function<bool()>& is_needless) {
    if (pieces_.is_done()) return;
    check_disk();
    pieces_.make([&](const DocumentBatch& batch) { return corpus::examine(*selector_, batch); },
                 is_needless);
  }

  // Given all pieces.
  void write() {
    foresee();
    decide();
    selector_.reset();  // it may hold gigabytes
    CutSpansWriter cuts(folder_);
    if (options_.rules.repeats) cut_repeats(cuts);
    cuts.close();
    kept_.write(files_.size(), folder_);
    report_.rules = tally_.reports();
    report_.write(folder_);  // last: it makes the entry complete
    pieces_.remove();
  }

 private:
  // What is known of a document takes some hundred bytes until all are decided, and where repeats
  // are looked for the text stands there once more, with four bits for each byte.
  void check_disk() const {
    constexpr std::uint64_t kBytesOfDocument = 500;
    const TextProbe probe = probe_text(files_, options_.read);
    const std::uint64_t bytes =
        probe.texts.size() * kBytesOfDocument +
        (options_.rules.repeats ? probe.text_bytes + probe.text_bytes / 2 : 0);
    const double needed = static_cast<double>(bytes) * static_cast<double>(total_bytes(files_)) /
                          static_cast<double>(probe.file_bytes);
    require_room(folder_, static_cast<std::uint64_t>(needed), pieces_.bytes_on_disk(),
                 "to select text");
  }

  [[nodiscard]] PieceworkOptions piecework_options() const {
    return {.label = "selecting text",
            .files = files_,
            .read = options_.read,
            .kept = everything_,
            .max_bad_share = options_.max_bad_share,
            .threads = std::max(options_.threads, 1),
            .pieces = options_.pieces};
  }

  void foresee() {
    if (!selector_->compares_documents()) return;
    selector_->expect(pieces_.documents());
    (void)pieces_.read([&](const ExaminedText& text) {
      for (const ExaminedDocument& document : text.documents())
        selector_->foresee(document.examined);
    });
  }

  void decide() {
    const text::BadRecords bad = pieces_.read([&](const ExaminedText& text) {
      for (const ExaminedDocument& document : text.documents()) decide(document);
    });
    bad.check(options_.max_bad_share);
  }

  void decide(const ExaminedDocument& document) {
    report_.sources[document.source].read += {.documents = 1, .bytes = document.excerpt.bytes};
    const auto drop = selector_->decide(document.examined);
    kept_.add(document.file, !drop);
    if (drop) {
      tally_.add(*drop, document.source, document.excerpt);
    } else {
      // With the end that stands behind it in a KeptText.
      kept_bytes_[document.file] += static_cast<std::uint64_t>(document.excerpt.bytes) + 1;
    }
  }

  // Reads once more what the other rules keep.
  void cut_repeats(CutSpansWriter& cuts) {
    selection::RepeatOptions repeats = *options_.rules.repeats;
    repeats.threads = std::max(options_.threads, 1);
    repeats.scratch_folder = folder_;
    const KeptDocuments kept = kept_.documents(files_.size());
    const KeptText text({.files = files_,
                         .read = options_.read,
                         .kept = kept,
                         .bytes_of_file = kept_bytes_,
                         .threads = repeats.threads,
                         .folder = folder_});
    RepeatCutter(files_, kept, text.text()).cut(repeats, kept_, tally_, cuts);
  }

  const std::vector<text::SourceFile>& files_;
  const PrepareOptions& options_;
  std::filesystem::path folder_;
  std::unique_ptr<selection::Selector> selector_;
  const KeptDocuments everything_;
  DropTally tally_;
  SelectionReport report_;
  KeptDocumentsWriter kept_;
  std::vector<std::uint64_t> kept_bytes_;  // of each file
  Piecework<ExaminedText> pieces_;
};

SelectionStage::SelectionStage(const std::vector<text::SourceFile>& files,
                               const PrepareOptions& options)
    : files_(files), options_(options), entry_(entry_of(files, options)) {}

std::filesystem::path SelectionStage::folder() const {
  return entry_ ? entry_->folder() : std::filesystem::path();
}

bool SelectionStage::complete() const { return !entry_ || entry_->complete(); }

bool SelectionStage::make() const {
  if (!entry_) return false;
  std::optional<Selection> selection;  // made once there is something to do: it reads test sets
  const auto make_selection = [&]() -> Selection& {
    if (!selection) selection.emplace(files_, options_, folder());
    return *selection;
  };
  return entry_->make_together([&] { inspect(); },
                               [&](const CacheEntry::IsComplete& is_complete) {
                                 make_selection().remove_damaged();
                                 make_selection().examine(is_complete);
                               },
                               [&](const std::filesystem::path&) {
                                 make_selection().examine([] { return false; });
                                 make_selection().write();
                               });
}

void SelectionStage::inspect() const {
  const KeptDocuments kept(folder());
  if (SelectionReport::read_from(folder()).read().documents == kept.documents()) return;
  throw Error(ErrorCode::kData, folder().string() + ": not of one piece");
}

}  // namespace cram::corpus
