// A step of prepare(): the tokenizer of a recipe, given or trained, in the cache.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cram/corpus/prepare.h"

#include "cache.h"

namespace cram::corpus {

// `files` and `options` must outlive it.
class TokenizerStage {
 public:
  // Loads a given tokenizer; throws Error{kData} when that cannot be used. Trains on what
  // `selection` keeps, the folder of a selection that is complete by then; empty: on everything.
  TokenizerStage(const std::vector<text::SourceFile>& files, const PrepareOptions& options,
                 std::filesystem::path selection);

  [[nodiscard]] const std::filesystem::path& folder() const { return entry_.folder(); }
  // Whether the folder holds the tokenizer already.
  [[nodiscard]] bool complete() const { return entry_.complete(); }
  // Null where it would have to be trained first.
  [[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> find() const;
  // Trains and saves what is missing. Returns whether there was something to do.
  bool make();

 private:
  [[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> load(
      const std::filesystem::path& folder) const;
  [[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> train() const;
  [[nodiscard]] std::string record(const tokenizer::Tokenizer& tokenizer) const;
  void inspect();
  void fill(const std::filesystem::path& folder);

  const std::vector<text::SourceFile>& files_;
  const PrepareOptions& options_;
  std::filesystem::path selection_;
  std::shared_ptr<const tokenizer::Tokenizer> given_;
  std::string made_from_;
  CacheEntry entry_;
  std::shared_ptr<const tokenizer::Tokenizer> loaded_;  // of the folder
};

}  // namespace cram::corpus
