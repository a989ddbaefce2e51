#include "cram/corpus/prepare.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>

#include "cram/base/clock.h"
#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/base/log.h"
#include "cram/base/units.h"
#include "cram/corpus/pack.h"
#include "cram/corpus/selection_report.h"
#include "cram/corpus/text_statistics.h"

#include "cache.h"
#include "identity.h"
#include "order_stage.h"
#include "piece_folder.h"
#include "selection_stage.h"
#include "tokenizer_stage.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;

PackOptions pack_options(const PrepareOptions& options, const fs::path& selection) {
  return {.read = options.read,
          .selection = selection,
          .max_tokens_per_character = options.max_tokens_per_character,
          .sequence_length = options.sequence_length,
          .separator = options.separator,
          .start_token = options.start_token,
          .held_out_share = options.held_out_share,
          .seed = options.seed,
          .source_names = options.sources,
          .max_bad_share = options.max_bad_share,
          .threads = std::max(options.threads, 1),
          .pieces = options.pieces};
}

void check(const PrepareOptions& options) {
  if (options.sequence_length < 1) {
    throw Error(ErrorCode::kUsage, "sequence.length is " + std::to_string(options.sequence_length) +
                                       "; a sequence has at least one token");
  }
  if (!(options.held_out_share >= 0 && options.held_out_share < 1)) {
    throw Error(ErrorCode::kUsage, "data.held_out_share is " +
                                       std::to_string(options.held_out_share) +
                                       ", not a share from 0 to below 1");
  }
  options.rules.check();
}

CacheEntry corpus_entry(const std::vector<text::SourceFile>& files,
                        const tokenizer::Tokenizer& tokenizer, const PackOptions& options,
                        const fs::path& cache) {
  const std::string made_from = describe_corpus(files, tokenizer, options);
  return {cache, kCorpusPrefix + hex64(hash64(made_from)), Manifest::kFileName};
}

// Throws Error{kData} when the corpus there does not open.
void inspect_corpus(const fs::path& folder) {
  const Corpus corpus(folder);
  (void)SelectionReport::read_from(folder);
  (void)TextStatistics::read_from(folder);
}

// The limit may have become stricter since the corpus was packed.
void check_bad_records(const TextSummary& text, double max_share) {
  const auto all = static_cast<double>(text.bad_records + text.good_records + text.short_records);
  if (static_cast<double>(text.bad_records) <= max_share * all) return;
  throw Error(ErrorCode::kData, "too many bad records in the text: " + text.bad_summary,
              "repair the files or raise data.max_bad_share");
}

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(whole, 1));
}

void report(const Manifest& manifest, const fs::path& folder, bool made) {
  const TextSummary& text = manifest.text;
  std::array<char, 32> bytes{};
  std::snprintf(bytes.data(), bytes.size(), "%.2f", ratio(text.bytes, text.tokens));
  std::string line =
      "corpus: " + format_count(manifest.training.documents + manifest.held_out.documents) +
      " documents (" + format_count(manifest.held_out.documents) + " held out), " +
      format_short(static_cast<double>(text.tokens)) + " tokens of " + bytes.data() + " bytes";
  if (const std::int64_t left_out = text.short_records + text.empty_documents) {
    line += "; " + format_count(left_out) + " left out as empty or too short";
  }
  const SelectionReport selection = SelectionReport::read_from(folder);
  if (!selection.rules.empty()) {
    const std::int64_t all = selection.read().documents;
    line += "; " + format_count(all - selection.packed().documents) + " of " + format_count(all) +
            " left out by the rules of selection";
  }
  if (!text.bad_summary.empty()) line += "; " + text.bad_summary;
  log::info(line + (made ? "; packed into " : "; found in ") + folder.string());

  constexpr double kManyUnknown = 0.05;
  if (ratio(text.unknown_tokens, text.tokens) > kManyUnknown) {
    log::warning(format_count(text.unknown_tokens) + " of " + format_count(text.tokens) +
                 " tokens are [UNK]: the tokenizer does not fit the text");
  }
}

// A folder of the user's may begin like an entry.
bool is_entry(std::string_view name, std::string_view prefix) {
  const std::string_view key = name.substr(std::min(prefix.size(), name.size()));
  return name.starts_with(prefix) && key.size() == hex64(0).size() &&
         key.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Calls `use(entry, folder)` for each folder in the cache that is called as an entry is, with the
// suffix behind it.
void for_each_entry(const fs::path& cache, std::string_view suffix,
                    const std::function<void(const CacheEntry&, const fs::path&)>& use) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kKinds = {
      {{kSelectionPrefix, SelectionReport::kFileName},
       {kTokenizerPrefix, kTokenizerLastFile},
       {kCorpusPrefix, Manifest::kFileName},
       {kOrderPrefix, SequenceList::kFileName},
       {kDocumentsPrefix, kDocumentsLastFile}}};
  std::error_code error;
  for (const fs::directory_entry& item : fs::directory_iterator(cache, error)) {
    std::string name = item.path().filename().string();
    if (!item.is_directory(error) || !name.ends_with(suffix)) continue;
    name.resize(name.size() - suffix.size());
    for (const auto& [prefix, last_file] : kKinds) {
      if (is_entry(name, prefix)) use(CacheEntry(cache, name, last_file), item.path());
    }
  }
}

// What processes left behind that were killed while they worked on a recipe since changed.
void remove_abandoned(const fs::path& cache) {
  for_each_entry(cache, "",
                 [](const CacheEntry& entry, const fs::path&) { entry.remove_if_abandoned(); });
}

// Those of finished results, and those that nobody went on with for long: not before this
// preparation has used its own.
void remove_old_pieces(const fs::path& cache) {
  for_each_entry(cache, PieceFolder::kSuffix, [](const CacheEntry& entry, const fs::path& pieces) {
    std::error_code ignored;
    if (entry.complete() || PieceFolder::is_forgotten(pieces)) fs::remove_all(pieces, ignored);
  });
}

void check_that_all_open(const std::vector<text::SourceFile>& files,
                         const text::ReadOptions& options) {
  text::BadRecords ignored;
  for (const text::SourceFile& file : files) {
    const auto reader = text::open_documents(file, options, ignored);
  }
}

class StageTimer {
 public:
  // Of what was done since the last stage ended; a stage that did nothing is forgotten.
  void end_stage(const char* name, bool did_something) {
    const Seconds now = clock_.now();
    if (did_something) stages_.push_back({.name = name, .time = now - start_});
    start_ = now;
  }
  [[nodiscard]] const std::vector<StageTime>& stages() const { return stages_; }

 private:
  MonotonicClock clock_;
  Seconds start_ = clock_.now();
  std::vector<StageTime> stages_;
};

}  // namespace

Prepared prepare(const PrepareOptions& options) {
  check(options);
  const std::vector<text::SourceFile> files = text::find_sources(options.sources);
  remove_abandoned(options.cache);

  StageTimer timer;
  const SelectionStage selection(files, options);
  timer.end_stage("selection", selection.make());
  TokenizerStage stage(files, options, selection.folder());
  timer.end_stage("tokenizer", stage.make());
  const std::shared_ptr<const tokenizer::Tokenizer> tokenizer = stage.find();

  const PackOptions packing = pack_options(options, selection.folder());
  const CacheEntry entry = corpus_entry(files, *tokenizer, packing, options.cache);
  const bool made_corpus = entry.make_together(
      [&] { inspect_corpus(entry.folder()); },
      [&](const CacheEntry::IsComplete& is_complete) {
        encode_pieces(files, *tokenizer, packing, entry.folder(), is_complete);
      },
      [&](const fs::path& folder) { pack(files, *tokenizer, packing, folder); });
  timer.end_stage("packing", made_corpus);
  const OrderStage order(files, *tokenizer, entry.folder(), options);
  timer.end_stage("order", order.make());
  const Manifest manifest = Manifest::read(entry.folder());
  check_bad_records(manifest.text, options.max_bad_share);
  report(manifest, entry.folder(), made_corpus);
  remove_old_pieces(options.cache);
  return {.tokenizer = tokenizer,
          .tokenizer_folder = stage.folder(),
          .corpus_folder = entry.folder(),
          .order_folder = order.folder(),
          .reused = timer.stages().empty(),
          .stages = timer.stages()};
}

Prepared find_prepared(const PrepareOptions& options) {
  check(options);
  const std::vector<text::SourceFile> files = text::find_sources(options.sources);
  check_that_all_open(files, options.read);
  Prepared found;
  const SelectionStage selection(files, options);
  const TokenizerStage stage(files, options, selection.folder());
  found.tokenizer = stage.find();
  if (stage.complete()) found.tokenizer_folder = stage.folder();
  if (!found.tokenizer) return found;
  const CacheEntry entry = corpus_entry(files, *found.tokenizer,
                                        pack_options(options, selection.folder()), options.cache);
  const auto look = [&] { inspect_corpus(entry.folder()); };
  if (!entry.complete() || !problem_of(look).empty()) return found;
  found.corpus_folder = entry.folder();
  const OrderStage order(files, *found.tokenizer, found.corpus_folder, options);
  if (!order.complete()) return found;
  found.order_folder = order.folder();
  found.reused = !found.tokenizer_folder.empty();
  return found;
}

}  // namespace cram::corpus
