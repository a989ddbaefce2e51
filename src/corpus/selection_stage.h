// The first step of prepare() where a recipe has rules: which documents stay, in the cache.
//
// It is a pass over the text of its own, and leaves a bit for each document: whoever reads the text
// later sees the same selection, without a second copy of the text on disk. What the rules say of
// each document by itself is found in pieces that processes share; one of them then compares the
// documents with each other.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/corpus/prepare.h"

#include "cache.h"

namespace cram::corpus {

// `files` and `options` must outlive it.
class SelectionStage {
 public:
  SelectionStage(const std::vector<text::SourceFile>& files, const PrepareOptions& options);

  // Of kept_documents.h and selection_report.h, once complete; empty where all documents stay.
  [[nodiscard]] std::filesystem::path folder() const;
  [[nodiscard]] bool complete() const;
  // Does what is missing. Returns whether there was something to do.
  bool make() const;

 private:
  class Selection;

  void inspect() const;

  const std::vector<text::SourceFile>& files_;
  const PrepareOptions& options_;
  std::optional<CacheEntry> entry_;
};

}  // namespace cram::corpus
