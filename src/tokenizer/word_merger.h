// One word on its way through BPE: the best merge first, of equals the leftmost, until none is
// left. n log n in the length of the word.
#pragma once

#include <cstdint>
#include <vector>

#include "merge_table.h"

namespace cram::tokenizer {

// Keeps its buffers from word to word; for one thread at a time.
class WordMerger {
 public:
  explicit WordMerger(const MergeTable& merges) : merges_(merges) {}

  // Replaces the tokens of a word, which begin at `first`, by what they merge into.
  void merge(std::vector<TokenId>& ids, std::size_t first);

 private:
  struct Symbol {
    TokenId id;
    std::uint32_t previous, next;
  };
  struct Candidate {
    std::uint32_t rank, at;  // the lowest goes first
    TokenId left, right, result;
  };

  void read(const TokenId* ids, std::size_t count);
  void propose(std::uint32_t at);
  void apply(const Candidate& candidate);
  [[nodiscard]] bool is_current(const Candidate& candidate) const;

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
};

}  // namespace cram::tokenizer
