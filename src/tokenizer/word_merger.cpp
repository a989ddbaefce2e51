#include "word_merger.h"

#include <algorithm>

namespace cram::tokenizer {
namespace {

constexpr std::uint32_t kEnd = 0xFFFFFFFF;
constexpr TokenId kGone = 0xFFFFFFFF;  // merged into the symbol before it

// For a heap with the best on top.
constexpr auto kIsWorse = [](const auto& a, const auto& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
};

}  // namespace

void WordMerger::merge(std::vector<TokenId>& ids, std::size_t first) {
  read(ids.data() + first, ids.size() - first);
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), kIsWorse);
    const Candidate best = heap_.back();
    heap_.pop_back();
    if (is_current(best)) apply(best);
  }
  ids.resize(first);
  for (const Symbol& symbol : symbols_) {
    if (symbol.id != kGone) ids.push_back(symbol.id);
  }
}

void WordMerger::read(const TokenId* ids, std::size_t count) {
  symbols_.clear();
  heap_.clear();
  for (std::uint32_t at = 0; at < count; ++at) {
    symbols_.push_back({ids[at], at == 0 ? kEnd : at - 1, at + 1 == count ? kEnd : at + 1});
  }
  for (std::uint32_t at = 0; at < count; ++at) propose(at);
}

void WordMerger::propose(std::uint32_t at) {
  if (at == kEnd || symbols_[at].next == kEnd) return;
  const TokenId left = symbols_[at].id, right = symbols_[symbols_[at].next].id;
  if (const MergeTable::Merge* merge = merges_.find(left, right)) {
    heap_.push_back({merge->rank, at, left, right, merge->result});
    std::push_heap(heap_.begin(), heap_.end(), kIsWorse);
  }
}

bool WordMerger::is_current(const Candidate& candidate) const {
  const Symbol& left = symbols_[candidate.at];
  return left.id == candidate.left && left.next != kEnd &&
         symbols_[left.next].id == candidate.right;
}

void WordMerger::apply(const Candidate& candidate) {
  Symbol& left = symbols_[candidate.at];
  Symbol& right = symbols_[left.next];
  left.id = candidate.result;
  left.next = right.next;
  right.id = kGone;
  if (left.next != kEnd) symbols_[left.next].previous = candidate.at;
  propose(left.previous);
  propose(candidate.at);
}

}  // namespace cram::tokenizer
