// Text files -> tokenizer -> packed shards, each step cached by a hash of all that determines it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/text/document.h"
#include "cram/tokenizer/tokenizer.h"
#include "cram/tokenizer/train.h"

namespace cram::corpus {

struct PrepareOptions {
  std::vector<std::string> sources;
  text::ReadOptions read;
  double max_bad_share = 0.001;
  double held_out_share = 0.01;
  std::filesystem::path cache;
  int threads = 1;
  std::uint64_t seed = 0;

  std::filesystem::path tokenizer_file;  // empty: train one with `train` on `train_bytes` of text
  tokenizer::Normalization normalization;
  tokenizer::TrainOptions train;
  std::int64_t train_bytes = std::int64_t{1} << 30;

  std::int64_t sequence_length = 128;
  bool separator = true;
  bool start_token = false;
};

struct Prepared {
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::filesystem::path tokenizer_folder;
  std::filesystem::path corpus_folder;  // what Corpus opens
  bool reused = false;                  // nothing had to be done
};

// Does what is missing, showing a progress line (share, MB/s, time left); safe to run twice at the
// same time on one cache. Leaves a usable cache when it is interrupted: throws Interrupted.
[[nodiscard]] Prepared prepare(const PrepareOptions& options);

// What prepare() would find: empty paths where something would have to be made. Checks that the
// sources exist and can be opened.
[[nodiscard]] Prepared find_prepared(const PrepareOptions& options);

}  // namespace cram::corpus
