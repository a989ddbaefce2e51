// A step of prepare(): the order of the training sequences, in the cache.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/corpus/prepare.h"

#include "cache.h"

namespace cram::corpus {

// All that is given must outlive it.
class OrderStage {
 public:
  // `corpus` is the folder of a complete one. Nothing is to be done where sequences come shuffled
  // and each once.
  OrderStage(const std::vector<text::SourceFile>& files, const tokenizer::Tokenizer& tokenizer,
             const std::filesystem::path& corpus, const PrepareOptions& options);

  // Empty where there is nothing to be done.
  [[nodiscard]] std::filesystem::path folder() const;
  [[nodiscard]] bool complete() const;
  // Returns whether there was something to do.
  bool make() const;

 private:
  void inspect() const;
  void fill(const std::filesystem::path& folder) const;

  const std::vector<text::SourceFile>& files_;
  const tokenizer::Tokenizer& tokenizer_;
  const std::filesystem::path& corpus_;
  const PrepareOptions& options_;
  std::optional<CacheEntry> entry_;
};

}  // namespace cram::corpus
