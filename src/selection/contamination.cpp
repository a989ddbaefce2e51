#include "cram/selection/contamination.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "cram/base/error.h"

#include "probe_table.h"

namespace cram::selection {
namespace {

// Words in a row of the protected texts: a part of their hash, and where they stand.
struct Passage {
  std::uint32_t tag = 0;
  std::uint32_t place = 0;  // of the first byte, from 1
  [[nodiscard]] std::uint64_t key() const { return tag; }
  bool operator==(const Passage&) const = default;
};

// A Bloom filter of one function for the words that passages begin with: almost all words of a
// document begin none, and this says so with one bit (Bloom 1970, "Space/time trade-offs in hash
// coding with allowable errors").
class Leads {
 public:
  // With room for all words of the texts: some 25 bits for each.
  explicit Leads(const std::vector<std::string>& texts) : words_(size_for(texts)) {}

  void add(std::uint64_t hash) { word(hash) |= bit(hash); }
  [[nodiscard]] bool may_hold(std::uint64_t hash) const { return (word(hash) & bit(hash)) != 0; }
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&word(hash)); }

 private:
  static std::size_t size_for(const std::vector<std::string>& texts) {
    std::size_t bytes = 64;
    for (const std::string& text : texts) bytes += text.size();
    return std::bit_ceil(bytes / 16);
  }

  [[nodiscard]] const std::uint64_t& word(std::uint64_t hash) const {
    return words_[(hash >> 6) & (words_.size() - 1)];
  }
  std::uint64_t& word(std::uint64_t hash) { return words_[(hash >> 6) & (words_.size() - 1)]; }
  static std::uint64_t bit(std::uint64_t hash) { return std::uint64_t{1} << (hash & 63); }

  std::vector<std::uint64_t> words_;
};

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

class Contamination::Index {
 public:
  Index(const std::vector<std::string>& texts, std::size_t ngram_words)
      : length_(ngram_words), lead_(std::min(ngram_words, kFewestWords)), leads_(texts) {
    for (const std::string& text : texts) add(Words(text));
  }

  // The first protected words of the document; empty when there are none.
  [[nodiscard]] std::string_view find(const Words& words) const {
    const std::vector<std::uint64_t> leads = words.hashes(lead_);
    for (std::size_t i = 0; i < leads.size(); ++i) {
      constexpr std::size_t kAhead = 16;  // words, while memory is fetched for them
      if (i + kAhead < leads.size()) leads_.prefetch(leads[i + kAhead]);
      if (!leads_.may_hold(leads[i])) continue;
      if (holds_ngram(words, i)) return words.range(i, length_.words());
      if (const std::size_t count = shorter_text_at(words, i)) return words.range(i, count);
    }
    return {};
  }

 private:
  void add(const Words& words) {
    if (words.size() < lead_.words()) return;
    const std::size_t start = all_.size();
    if (start + words.text().size() >= std::numeric_limits<std::uint32_t>::max()) {
      throw Error(ErrorCode::kData, "the texts to keep out of the corpus are 4 GiB or more",
                  "name fewer files in selection.decontaminate");
    }
    all_ += words.text();
    all_ += '\n';
    if (words.size() < length_.words()) {
      shorter_.insert({tag_of(words.hash(0, lead_)), place(start, 0)});
      leads_.add(words.hash(0, lead_));
      return;
    }
    for (std::size_t i = 0; i + length_.words() <= words.size(); ++i) {
      if (holds_ngram(words, i)) continue;
      const auto offset = static_cast<std::size_t>(words[i].data() - words.text().data());
      ngrams_.insert({tag_of(words.hash(i, length_)), place(start, offset)});
      leads_.add(words.hash(i, lead_));
    }
  }

  [[nodiscard]] static std::uint32_t place(std::size_t start, std::size_t offset) {
    return static_cast<std::uint32_t>(start + offset + 1);
  }

  // What stands at the passage, to the end of its text.
  [[nodiscard]] std::string_view text_at(const Passage& passage) const {
    const std::size_t from = passage.place - 1;
    return std::string_view(all_).substr(from, all_.find('\n', from) - from);
  }

  [[nodiscard]] bool holds_ngram(const Words& words, std::size_t first) const {
    if (first + length_.words() > words.size()) return false;
    const std::uint32_t tag = tag_of(words.hash(first, length_));
    return ngrams_.find(tag, [&](const Passage& passage) {
      return starts_with_words(std::string_view(all_).substr(passage.place - 1),
                               words.range(first, length_.words()));
    }) != nullptr;
  }

  // The number of words of a shorter text that begins at `first` and is all there; else 0.
  [[nodiscard]] std::size_t shorter_text_at(const Words& words, std::size_t first) const {
    const std::uint32_t tag = tag_of(words.hash(first, lead_));
    std::size_t count = 0;
    const auto is_there = [&](const Passage& passage) {
      const std::string_view text = text_at(passage);
      count = static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
      return first + count <= words.size() && words.range(first, count) == text;
    };
    return shorter_.find(tag, is_there) != nullptr ? count : 0;
  }

  [[nodiscard]] static bool starts_with_words(std::string_view text, std::string_view words) {
    if (!text.starts_with(words)) return false;
    const char next = text[words.size()];  // each text ends with a line feed
    return next == ' ' || next == '\n';
  }

  NgramLength length_;
  NgramLength lead_;  // the words by which a shorter text is found
  Leads leads_;
  std::string all_;              // the words of the protected texts, a line each
  ProbeTable<Passage> ngrams_;   // each different one once
  ProbeTable<Passage> shorter_;  // texts shorter than an n-gram
};

Contamination::Contamination(const std::vector<std::string>& protected_texts,
                             std::size_t ngram_words)
    : index_(std::make_unique<const Index>(protected_texts, ngram_words)) {}
Contamination::~Contamination() = default;

std::optional<Drop> Contamination::judge(const Document& document) const {
  const std::string_view found = index_->find(document.words);
  if (found.empty()) return std::nullopt;
  return Drop{.rule = "contamination", .detail = std::string(found)};
}

}  // namespace cram::selection
