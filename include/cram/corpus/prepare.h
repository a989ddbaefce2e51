// Text files -> selection -> tokenizer -> packed shards, each step cached by a hash of all that
// determines it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cram/base/clock.h"
#include "cram/corpus/corpus.h"
#include "cram/corpus/piece_options.h"
#include "cram/corpus/sequence_order.h"
#include "cram/selection/selector.h"
#include "cram/text/document.h"
#include "cram/tokenizer/tokenizer.h"
#include "cram/tokenizer/train.h"

namespace cram::corpus {

struct PrepareOptions {
  std::vector<std::string> sources;
  text::ReadOptions read;
  selection::Rules rules;  // which documents stay; those that need a tokenizer stand below
  double max_bad_share = 0.001;
  double held_out_share = 0.01;
  std::filesystem::path cache;
  int threads = 1;
  PieceOptions pieces;
  std::uint64_t seed = 0;

  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;  // to be used as it is; null: of the file
  std::filesystem::path tokenizer_file;    // empty: train one with `train` on `train_bytes` of text
  tokenizer::Normalization normalization;  // of a vocab.txt and of the tokenizer to be trained
  tokenizer::TrainOptions train;           // its normalization and threads are those given here
  std::int64_t train_bytes = std::int64_t{1} << 30;

  std::optional<double> max_tokens_per_character;  // as in PackOptions
  std::int64_t sequence_length = 128;
  bool separator = true;
  bool start_token = false;

  Ordering ordering = Ordering::kShuffled;
  std::vector<double> epochs;  // of each source, in one of training; empty: once
  std::uint64_t order_seed = 0;
};

struct StageTime {
  std::string name;
  Seconds time{0};
};

struct Prepared {
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::filesystem::path tokenizer_folder;
  std::filesystem::path corpus_folder;  // what Corpus opens
  std::filesystem::path order_folder;   // what SequenceList opens; empty: shuffled, each once
  bool reused = false;                  // nothing had to be done
  std::vector<StageTime> stages;        // that had something to do
};

// Does what is missing in the cache, where each result has a folder of its own,
//   selection-<key>/   what text stays, and selection.json; only where there are rules
//   tokenizer-<key>/   what Tokenizer::save() writes, and made_from.json
//   corpus-<key>/      the shards, selection.json and corpus.json
//   order-<key>/       which sequence comes when; only where they are not just shuffled
// with a key that is a hash of everything the result depends on (pack.h says what of the text).
// Finished results are kept. Runs at the same time on one cache, also on several machines as long
// as its file system has locks for all of them, do the work once: they share the selection and the
// packing piece by piece, each beginning with its part, and wait where one does something for all.
// Of an unfinished selection or corpus the pieces stay, in "<its folder>.pieces", until it is
// finished, or for a week if nobody goes on with it. The result is the same for any number of
// threads and parts, and however often the work was interrupted.
//
// Held-out documents are chosen by `seed` and text alone and a trained tokenizer never sees them.
// Shows a progress line (share, MB/s, time left), and what came out as a message at the end.
// Throws Interrupted when the process is asked to stop, Error{kData} for text that cannot be used,
// Error{kStorage} when the disk is full.
[[nodiscard]] Prepared prepare(const PrepareOptions& options);

// What prepare() would find: empty paths where something would have to be made, and no tokenizer
// where one would have to be trained. Checks that the sources exist and can be opened; writes
// nothing.
[[nodiscard]] Prepared find_prepared(const PrepareOptions& options);

}  // namespace cram::corpus
