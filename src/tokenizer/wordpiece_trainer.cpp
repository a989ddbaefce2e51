#include "wordpiece_trainer.h"

#include <algorithm>
#include <map>
#include <queue>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

#include "pair_table.h"
#include "utf8.h"
#include "wordpiece.h"

namespace cram::tokenizer {
namespace {

using Alphabet = std::map<char32_t, std::uint64_t>;  // character -> occurrences

template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    visit(c.code);
    text.remove_prefix(c.length);
  }
}

// The characters of the words, only the most frequent ones if there are too many.
Alphabet count_alphabet(const std::vector<CountedWord>& words, std::size_t limit) {
  std::unordered_map<char32_t, std::uint64_t> counts;
  for (const CountedWord& word : words) {
    for_each_character(word.text, [&](char32_t code) { counts[code] += word.count; });
  }
  std::vector<std::pair<char32_t, std::uint64_t>> ranked(counts.begin(), counts.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  ranked.resize(std::min(ranked.size(), limit));
  return {ranked.begin(), ranked.end()};
}

// The tokens found so far.
class TokenList {
 public:
  // The id of the token, which is added when it is new.
  Symbol add(std::string token) {
    const auto [found, is_new] =
        ids_.emplace(std::move(token), static_cast<Symbol>(tokens_.size()));
    if (is_new) tokens_.push_back(found->first);
    return found->second;
  }

  [[nodiscard]] std::string joined(SymbolPair pair) const {
    std::string_view right = tokens_[pair.right];
    if (right.starts_with(WordPiece::kContinuation)) {
      right.remove_prefix(WordPiece::kContinuation.size());
    }
    return tokens_[pair.left] + std::string(right);
  }

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(tokens_); }

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, Symbol> ids_;
};

// The words as symbols that grow together.
class SymbolWords {
 public:
  SymbolWords(const std::vector<CountedWord>& words, const Alphabet& alphabet, TokenList& tokens);

  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] std::int64_t count(std::size_t word) const { return words_[word].count; }
  [[nodiscard]] std::span<const Symbol> symbols(std::size_t word) const {
    return {symbols_.data() + words_[word].begin, words_[word].length};
  }

  // Have the memory fetched of a word, and then of its symbols.
  void prefetch(std::size_t word) const { __builtin_prefetch(&words_[word]); }
  void prefetch_symbols(std::size_t word) const {
    __builtin_prefetch(&symbols_[words_[word].begin], 1);
  }

  // Replaces each `pair` in the word by `joined`; `change(pair, difference)` hears of the
  // neighbouring pairs that came and went.
  template <class Change>
  void join(std::size_t word, SymbolPair pair, Symbol joined, Change change);

 private:
  struct Word {
    std::size_t begin;
    std::size_t length;
    std::int64_t count;
  };

  std::vector<Symbol> symbols_;
  std::vector<Word> words_;
};

SymbolWords::SymbolWords(const std::vector<CountedWord>& words, const Alphabet& alphabet,
                         TokenList& tokens) {
  std::unordered_map<char32_t, Symbol> first;
  std::unordered_map<char32_t, Symbol> inner;
  const auto text_of = [](char32_t code) {
    std::string text;
    append_utf8(code, text);
    return text;
  };
  for (const auto& [code, count] : alphabet) first[code] = tokens.add(text_of(code));
  std::unordered_set<char32_t> seen_inside;
  for (const CountedWord& word : words) {
    const Utf8Char start = decode_utf8(word.text);
    for_each_character(std::string_view(word.text).substr(start.length),
                       [&](char32_t code) { seen_inside.insert(code); });
  }
  for (const auto& [code, count] : alphabet) {
    if (!seen_inside.contains(code)) continue;
    inner[code] = tokens.add(std::string(WordPiece::kContinuation) + text_of(code));
  }
  for (const CountedWord& word : words) {
    const std::size_t begin = symbols_.size();
    bool is_first = true;
    for_each_character(word.text, [&](char32_t code) {
      const auto& symbols = is_first ? first : inner;
      is_first = false;
      if (const auto found = symbols.find(code); found != symbols.end()) {
        symbols_.push_back(found->second);
      }
    });
    words_.push_back({begin, symbols_.size() - begin, static_cast<std::int64_t>(word.count)});
  }
}

template <class Change>
void SymbolWords::join(std::size_t word, SymbolPair pair, Symbol joined, Change change) {
  Symbol* symbols = symbols_.data() + words_[word].begin;
  const std::size_t length = words_[word].length;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < length;) {
    if (at + 1 == length || SymbolPair{symbols[at], symbols[at + 1]} != pair) {
      symbols[kept++] = symbols[at++];
      continue;
    }
    if (kept > 0) {
      change(SymbolPair{symbols[kept - 1], pair.left}, -1);
      change(SymbolPair{symbols[kept - 1], joined}, 1);
    }
    at += 2;
    if (at < length) {
      change(SymbolPair{pair.right, symbols[at]}, -1);
      change(SymbolPair{joined, symbols[at]}, 1);
    }
    symbols[kept++] = joined;
  }
  words_[word].length = kept;
}

// Joins the most frequent pair, again and again.
class PairJoiner {
 public:
  PairJoiner(SymbolWords& words, TokenList& tokens) : words_(words), tokens_(tokens) {
    for (std::uint32_t word = 0; word < words_.size(); ++word) {
      const std::span<const Symbol> symbols = words_.symbols(word);
      for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
        change(word, {symbols[i], symbols[i + 1]}, 1);
      }
    }
    queue_touched();
  }

  void run(std::size_t vocab_size) {
    while (tokens_.size() < vocab_size && !queue_.empty()) {
      interrupt::throw_if_stopped();
      Candidate top = queue_.top();
      queue_.pop();
      const std::int64_t count = pairs_[top.index].count;
      if (top.count != count) {
        top.count = count;
        if (count > 0) queue_.push(top);
        continue;
      }
      join(top);
    }
  }

 private:
  // A pair and the words that were new to it when it was queued. Its count may be out of date.
  struct Candidate {
    std::int64_t count;
    SymbolPair pair;
    std::uint32_t index;
    std::uint32_t batch;  // in batches_

    bool operator<(const Candidate& other) const {
      if (count != other.count) return count < other.count;
      if (pair != other.pair) return pair > other.pair;
      return batch > other.batch;
    }
  };

  void change(std::uint32_t word, SymbolPair pair, int difference) {
    const std::uint32_t index = pairs_.index_of(pair);
    PairTable::Entry& entry = pairs_[index];
    entry.count += difference * words_.count(word);
    if (difference < 0) return;
    if (entry.new_words.empty()) touched_.push_back(index);
    if (entry.new_words.empty() || entry.new_words.back() != word) entry.new_words.push_back(word);
  }

  void queue_touched() {
    for (const std::uint32_t index : touched_) {
      PairTable::Entry& entry = pairs_[index];
      const std::vector<std::uint32_t> batch = std::exchange(entry.new_words, {});
      if (entry.count <= 0) continue;
      queue_.push({entry.count, entry.pair, index, static_cast<std::uint32_t>(batches_.size())});
      batches_.push_back(batch);
    }
    touched_.clear();
  }

  void join(const Candidate& candidate) {
    const Symbol joined = tokens_.add(tokens_.joined(candidate.pair));
    const std::vector<std::uint32_t> batch = std::exchange(batches_[candidate.batch], {});
    for (std::size_t i = 0; i < batch.size(); ++i) {
      constexpr std::size_t kAhead = 8;  // words, while memory is fetched for them
      if (i + 2 * kAhead < batch.size()) words_.prefetch(batch[i + 2 * kAhead]);
      if (i + kAhead < batch.size()) words_.prefetch_symbols(batch[i + kAhead]);
      const std::uint32_t word = batch[i];
      words_.join(word, candidate.pair, joined,
                  [&](SymbolPair pair, int difference) { change(word, pair, difference); });
    }
    queue_touched();
  }

  SymbolWords& words_;
  TokenList& tokens_;
  PairTable pairs_;
  std::vector<std::uint32_t> touched_;
  std::vector<std::vector<std::uint32_t>> batches_;
  std::priority_queue<Candidate> queue_;
};

}  // namespace

std::vector<std::string> train_wordpiece(const std::vector<CountedWord>& words,
                                         const WordPieceTrainerOptions& options) {
  std::vector<CountedWord> kept;
  std::copy_if(words.begin(), words.end(), std::back_inserter(kept), [&](const CountedWord& word) {
    return utf8_length(word.text) <= options.max_word_length;
  });
  TokenList tokens;
  for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) tokens.add(special);
  SymbolWords symbols(kept, count_alphabet(kept, options.alphabet_limit), tokens);
  if (tokens.size() > options.vocab_size) {
    throw Error(ErrorCode::kData,
                "the text has " + std::to_string(tokens.size()) +
                    " characters and special tokens, more than the vocabulary of " +
                    std::to_string(options.vocab_size),
                "choose a larger tokenizer.vocab_size");
  }
  PairJoiner(symbols, tokens).run(options.vocab_size);
  if (tokens.size() < options.vocab_size) {
    throw Error(ErrorCode::kData,
                "the text gives only " + std::to_string(tokens.size()) + " tokens, not the " +
                    std::to_string(options.vocab_size) + " asked for",
                "add text, or lower tokenizer.vocab_size or data.held_out_share");
  }
  return tokens.take();
}

}  // namespace cram::tokenizer
