#include "cram/corpus/masking.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cram/base/error.h"

namespace cram::corpus {
namespace {

// A position and the token there in one number that sorts by position.
std::int64_t join(std::int64_t position, TokenId token) { return position << 32 | token; }
std::size_t position_of(std::int64_t joined) { return static_cast<std::size_t>(joined >> 32); }
TokenId token_of(std::int64_t joined) { return static_cast<TokenId>(joined); }

// The first `count` of `items` become a uniform draw without replacement, in random order
// (Fisher-Yates, stopped early).
template <class T>
void draw_first(Random& random, std::size_t count, std::vector<T>& items) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t step = random.below(static_cast<std::uint32_t>(items.size() - i));
    std::swap(items[i], items[i + step]);
  }
}

std::size_t share_of(double share, std::size_t count) {
  return static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
}

}  // namespace

Masking::Masking(const MaskingOptions& options, const tokenizer::Tokenizer& tokenizer)
    : options_(options),
      special_(tokenizer.special_tokens()),
      vocab_size_(static_cast<std::uint32_t>(tokenizer.vocab_size())) {
  const bool shares = options.mask_share >= 0 && options.random_share >= 0 &&
                      options.mask_share + options.random_share <= 1 + 1e-9;
  if (!shares) {
    throw Error(ErrorCode::kUsage, "mask_share and random_share are not shares of a whole",
                "both lie between 0 and 1, and so does their sum");
  }
  if (!options.whole_word) return;
  continues_word_.resize(vocab_size_);
  for (TokenId id = 0; id < vocab_size_; ++id) continues_word_[id] = tokenizer.continues_word(id);
}

std::int64_t Masking::count(double rate, std::int64_t length) {
  if (length < 1) return 0;
  const auto rounded = std::llround(rate * static_cast<double>(length));
  return std::clamp<std::int64_t>(rounded, 1, length);
}

void Masking::apply(Random random, double rate, std::span<TokenId> tokens,
                    std::vector<std::int64_t>& positions, std::vector<TokenId>& targets) const {
  positions.resize(tokens.size());
  std::size_t candidates = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    positions[candidates] = static_cast<std::int64_t>(i);
    candidates += tokens[i] != special_.pad;
  }
  positions.resize(candidates);
  const auto chosen = static_cast<std::size_t>(count(rate, static_cast<std::int64_t>(candidates)));
  if (options_.whole_word) {
    choose_words(random, chosen, tokens, positions);
  } else {
    draw_first(random, chosen, positions);
  }
  positions.resize(chosen);

  // From here on each position carries its true token.
  for (std::int64_t& position : positions) {
    position = join(position, tokens[static_cast<std::size_t>(position)]);
  }
  const std::size_t masks = share_of(options_.mask_share, chosen);
  const std::size_t replaced =
      std::min(chosen, share_of(options_.mask_share + options_.random_share, chosen));
  for (std::size_t i = 0; i < replaced; ++i) {
    tokens[position_of(positions[i])] = i < masks ? special_.mask : random.below(vocab_size_);
  }
  std::sort(positions.begin(), positions.end());
  targets.resize(chosen);
  for (std::size_t i = 0; i < chosen; ++i) {
    targets[i] = token_of(positions[i]);
    positions[i] = static_cast<std::int64_t>(position_of(positions[i]));
  }
}

void Masking::choose_words(Random& random, std::size_t count, std::span<const TokenId> tokens,
                           std::vector<std::int64_t>& positions) const {
  struct Word {
    std::int64_t begin, end;
  };
  std::vector<Word> words;
  for (const std::int64_t position : positions) {
    const auto at = static_cast<std::size_t>(position);
    const bool continues = !words.empty() && words.back().end == position &&
                           continues_word_.at(tokens[at]) && tokens[at - 1] != special_.sep &&
                           tokens[at - 1] != special_.cls;
    if (continues) {
      ++words.back().end;
    } else {
      words.push_back({position, position + 1});
    }
  }
  draw_first(random, words.size(), words);
  positions.clear();
  for (const Word& word : words) {
    for (std::int64_t p = word.begin; p < word.end && positions.size() < count; ++p) {
      positions.push_back(p);
    }
  }
  // A word's tokens are corrupted independently of one another.
  draw_first(random, count, positions);
}

}  // namespace cram::corpus
