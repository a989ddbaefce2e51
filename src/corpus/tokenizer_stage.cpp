#include "tokenizer_stage.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/base/log.h"
#include "cram/base/units.h"

#include "identity.h"
#include "sample.h"

namespace cram::corpus {
namespace {

using TokenizerPtr = std::shared_ptr<const tokenizer::Tokenizer>;

TokenizerPtr load_given(const PrepareOptions& options) {
  if (options.tokenizer || options.tokenizer_file.empty()) return options.tokenizer;
  return tokenizer::load_tokenizer(options.tokenizer_file, options.normalization);
}

}  // namespace

TokenizerStage::TokenizerStage(const std::vector<text::SourceFile>& files,
                               const PrepareOptions& options, std::filesystem::path selection)
    : files_(files),
      options_(options),
      selection_(std::move(selection)),
      given_(load_given(options)),
      made_from_(given_ ? describe_given(*given_) : describe_training(files, options, selection_)),
      entry_(options.cache, kTokenizerPrefix + hex64(hash64(made_from_)), kTokenizerLastFile) {}

TokenizerPtr TokenizerStage::find() const {
  if (given_ || !entry_.complete()) return given_;
  return loaded_ ? loaded_ : load(entry_.folder());
}

bool TokenizerStage::make() {
  return entry_.make([this] { inspect(); },
                     [this](const std::filesystem::path& folder) { fill(folder); });
}

TokenizerPtr TokenizerStage::load(const std::filesystem::path& folder) const {
  return tokenizer::load_tokenizer(folder, options_.normalization);
}

// The last file: with it goes what the saved tokenizer must be.
std::string TokenizerStage::record(const tokenizer::Tokenizer& tokenizer) const {
  return R"({"fingerprint":")" + hex64(tokenizer.fingerprint()) + R"(","made_from":)" + made_from_ +
         "}\n";
}

void TokenizerStage::inspect() {
  const std::filesystem::path file = entry_.folder() / kTokenizerLastFile;
  loaded_ = load(entry_.folder());
  if (read_file(file) == record(*loaded_)) return;
  throw Error(ErrorCode::kData, entry_.folder().string() + ": the tokenizer was changed");
}

void TokenizerStage::fill(const std::filesystem::path& folder) {
  const TokenizerPtr tokenizer = given_ ? given_ : train();
  tokenizer->save(folder);
  // What later runs load must be what this run uses.
  loaded_ = load(folder);
  if (loaded_->fingerprint() != tokenizer->fingerprint()) {
    throw Error(ErrorCode::kInternal,
                folder.string() + ": the tokenizer changed when it was saved");
  }
  write_file_atomic(folder / kTokenizerLastFile, record(*tokenizer));
}

TokenizerPtr TokenizerStage::train() const {
  tokenizer::TrainOptions train = options_.train;
  train.normalization = options_.normalization;
  train.threads = std::max(options_.threads, 1);
  TrainingSample sample(files_, options_, selection_);
  bool told = false;
  return tokenizer::train_tokenizer(train, [&] {
    std::optional<std::string> text = sample.next();
    if (!text && !std::exchange(told, true)) {
      log::info("training a tokenizer of " + format_count(train.vocab_size) + " tokens on " +
                format_bytes(sample.bytes()) + " of text in " + format_count(sample.documents()) +
                " documents");
    }
    return text;
  });
}

}  // namespace cram::corpus
