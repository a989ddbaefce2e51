#include "cram/corpus/pack.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/units.h"
#include "cram/corpus/selection_report.h"

#include "corpus_writer.h"
#include "document_stream.h"
#include "encoder.h"
#include "piecework.h"
#include "probe.h"

namespace cram::corpus {
namespace {

// Given what is there already.
void check_disk(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
                const PackOptions& options, const std::filesystem::path& folder,
                std::uint64_t bytes_there) {
  // Even the tokens of well-compressed text take no more than four times the space of its file, and
  // stand there twice, as pieces and as shards.
  if (free_disk_bytes(folder) / 8 >= total_bytes(files)) return;
  require_room(folder, 2 * estimate_bytes(files, tokenizer, options), bytes_there,
               "to pack the text");
}

void check_splits(const Manifest& manifest, const PackOptions& options) {
  const auto count = [](std::int64_t value) { return format_count(value); };
  const std::string all = count(manifest.training.documents + manifest.held_out.documents);
  const std::string too_few = " documents are too little text for one sequence of " +
                              count(options.sequence_length) + " tokens";
  if (manifest.held_out.sequences == 0) {
    throw Error(ErrorCode::kData,
                "the " + count(manifest.held_out.documents) + " held-out of " + all + too_few,
                "raise data.held_out_share or give more text");
  }
  if (manifest.training.sequences == 0) {
    throw Error(ErrorCode::kData,
                "the " + count(manifest.training.documents) + " training of " + all + too_few,
                "give more text or lower data.held_out_share");
  }
}

class Packing {
 public:
  Packing(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
          const PackOptions& options, std::filesystem::path folder)
      : files_(files),
        tokenizer_(tokenizer),
        options_(options),
        folder_(std::move(folder)),
        made_from_(describe_corpus(files, tokenizer, options)),
        kept_(options.selection),
        pieces_(piecework_options(), folder_) {}

  void remove_damaged() const { pieces_.remove_damaged(); }

  void encode(const std::function<bool()>& is_needless) {
    if (pieces_.is_done()) return;
    check_disk(files_, tokenizer_, options_, folder_, pieces_.bytes_on_disk());
    const Encoder encoder(tokenizer_, options_);
    pieces_.make([&](const DocumentBatch& batch) { return encoder.encode(batch); }, is_needless);
  }

  // Of the pieces that are all there.
  Manifest write() {
    Manifest manifest;
    manifest.made_from = made_from_;
    manifest.layout = {.corpus_key = hash64(made_from_),
                       .vocab_size = static_cast<std::uint64_t>(tokenizer_.vocab_size()),
                       .sequence_length = static_cast<std::uint64_t>(options_.sequence_length)};
    CorpusWriter writer(folder_, std::move(manifest), files_, options_);
    const text::BadRecords bad = pieces_.read([&](const EncodedText& text) { writer.write(text); });
    bad.check(options_.max_bad_share);
    manifest = writer.close(bad);
    check_splits(manifest, options_);
    manifest.write(folder_);
    pieces_.remove();
    return manifest;
  }

 private:
  [[nodiscard]] PieceworkOptions piecework_options() const {
    return {.label = "packing",
            .files = files_,
            .read = options_.read,
            .kept = kept_,
            .max_bad_share = options_.max_bad_share,
            .threads = options_.threads,
            .pieces = options_.pieces};
  }

  const std::vector<text::SourceFile>& files_;
  const tokenizer::Tokenizer& tokenizer_;
  const PackOptions& options_;
  std::filesystem::path folder_;
  std::string made_from_;
  KeptDocuments kept_;
  Piecework<EncodedText> pieces_;
};

}  // namespace

std::uint64_t estimate_bytes(const std::vector<text::SourceFile>& files,
                             const tokenizer::Tokenizer& tokenizer, const PackOptions& options) {
  const TextProbe probe = probe_text(files, options.read);
  double kept = 1;
  if (!options.selection.empty()) {
    const SelectionReport report = SelectionReport::read_from(options.selection);
    kept = static_cast<double>(report.kept().bytes) /
           static_cast<double>(std::max<std::int64_t>(report.read().bytes, 1));
  }
  std::vector<TokenId> tokens;
  std::uint64_t count = 0;
  for (const std::string& text : probe.texts) {
    tokens.clear();
    tokenizer.encode(text, tokens);
    count += tokens.size() + (options.separator ? 1 : 0) + (options.start_token ? 1 : 0);
  }
  const ShardLayout layout = {.vocab_size = static_cast<std::uint64_t>(tokenizer.vocab_size())};
  const double bytes_per_byte =
      static_cast<double>(count * layout.token_bytes()) / static_cast<double>(probe.file_bytes);
  return static_cast<std::uint64_t>(kept * bytes_per_byte *
                                    static_cast<double>(total_bytes(files)));
}

void encode_pieces(const std::vector<text::SourceFile>& files,
                   const tokenizer::Tokenizer& tokenizer, const PackOptions& options,
                   const std::filesystem::path& folder, const std::function<bool()>& is_needless) {
  Packing packing(files, tokenizer, options, folder);
  packing.remove_damaged();
  packing.encode(is_needless);
}

Manifest pack(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
              const PackOptions& options, const std::filesystem::path& folder) {
  Packing packing(files, tokenizer, options, folder);
  packing.encode([] { return false; });
  return packing.write();
}

}  // namespace cram::corpus
