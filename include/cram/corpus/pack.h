// Documents -> token ids -> shards: the part of prepare() that does the work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cram/corpus/manifest.h"
#include "cram/corpus/piece_options.h"
#include "cram/text/document.h"
#include "cram/tokenizer/tokenizer.h"

namespace cram::corpus {

struct PackOptions {
  text::ReadOptions read;
  std::filesystem::path selection;  // the folder of a complete one; empty: all documents
  // The compressibility filter of "Cramming" (Geiping & Goldstein 2022, section 4.4): a document
  // stays when its tokens, [CLS] and [SEP] counted as there, are fewer than so many a character.
  std::optional<double> max_tokens_per_character;
  std::int64_t sequence_length = 128;
  bool separator = true;     // [SEP] after each document
  bool start_token = false;  // [CLS] before each document
  double held_out_share = 0.01;
  std::uint64_t seed = 0;

  // These do not change a single byte of the sequences.
  std::vector<std::string> source_names;  // for selection.json, by SourceFile::source; may be empty
  double max_bad_share = 0.001;
  int threads = 1;
  PieceOptions pieces;
  std::uint64_t shard_bytes = std::uint64_t{256} << 20;
};

// Whether the document belongs to the held-out split: a function of its text alone, so that equal
// documents never stand on both sides and neither order nor threads matter.
[[nodiscard]] bool is_held_out(const std::string& text, double share, std::uint64_t seed);

// Everything that determines the sequences, as JSON whose hash is the corpus key. A file counts by
// name, size and time of change, not by its folder: data may move, but must not change.
[[nodiscard]] std::string describe_corpus(const std::vector<text::SourceFile>& files,
                                          const tokenizer::Tokenizer& tokenizer,
                                          const PackOptions& options);

// Bytes on disk that the corpus will take, from a small sample of the text.
[[nodiscard]] std::uint64_t estimate_bytes(const std::vector<text::SourceFile>& files,
                                           const tokenizer::Tokenizer& tokenizer,
                                           const PackOptions& options);

// The larger part of the work of pack() for a folder, which need not be there yet: all processes
// that call this share it, and each returns when all is done or `is_needless()`. Its results lie in
// "<folder>.pieces" until pack() ends, for whoever goes on after a process was killed.
void encode_pieces(const std::vector<text::SourceFile>& files,
                   const tokenizer::Tokenizer& tokenizer, const PackOptions& options,
                   const std::filesystem::path& folder, const std::function<bool()>& is_needless);

// Writes the corpus into an empty folder, statistics.json, selection.json and then corpus.json
// last, and returns what that says. The result is the same for any number of threads, parts and
// interruptions. Shows progress; stops when the process is asked to.
//
// The documents of each split are joined in the order of the files and cut into sequences; what
// fills no sequence at the end is dropped.
//
// Throws Error{kData} when the text is unusable, too little for a sequence in both splits, or
// changes while it is read, and Error{kStorage} when the disk is too small.
Manifest pack(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
              const PackOptions& options, const std::filesystem::path& folder);

}  // namespace cram::corpus
