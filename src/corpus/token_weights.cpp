#include "token_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>

#include "cram/base/error.h"

namespace cram::corpus {
namespace {

using tokenizer::TokenId;
using tokenizer::Tokenizer;

// What a token looks like behind another one: with the space before a word, without marks that say
// that it continues one.
std::string readable(const Tokenizer& tokenizer, TokenId id) {
  if (tokenizer.is_special(id)) return {};
  const TokenId before = tokenizer.special_tokens().unk;
  const std::size_t length = tokenizer.decode(std::array{before}).size();
  return tokenizer.decode(std::array{before, id}).substr(length);
}

double full_stops(const Tokenizer& tokenizer, TokenId id) {
  const std::string text = readable(tokenizer, id);
  return static_cast<double>(std::count(text.begin(), text.end(), '.'));
}

double text_length(const Tokenizer& tokenizer, TokenId id) {
  return static_cast<double>(readable(tokenizer, id).size());
}

std::vector<double> for_each_token(const Tokenizer& tokenizer,
                                   const std::function<double(TokenId)>& weight) {
  std::vector<double> weights(static_cast<std::size_t>(tokenizer.vocab_size()));
  for (std::size_t id = 0; id < weights.size(); ++id)
    weights[id] = weight(static_cast<TokenId>(id));
  return weights;
}

}  // namespace

std::vector<double> token_weights(Ordering ordering, const Tokenizer& tokenizer,
                                  const std::vector<std::int64_t>& counts) {
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), 0LL));
  const auto log_probability = [&](TokenId id) {
    return counts[id] == 0 ? 0.0 : std::log(static_cast<double>(counts[id]) / all);
  };
  switch (ordering) {
    case Ordering::kLikelyFirst:
      return for_each_token(tokenizer, [&](TokenId id) { return -log_probability(id); });
    case Ordering::kUnlikelyFirst:
      return for_each_token(tokenizer, log_probability);
    case Ordering::kShortSentencesFirst:
      return for_each_token(tokenizer, [&](TokenId id) { return -full_stops(tokenizer, id); });
    case Ordering::kLongSentencesFirst:
      return for_each_token(tokenizer, [&](TokenId id) { return full_stops(tokenizer, id); });
    case Ordering::kShortTokensFirst:
      return for_each_token(tokenizer, [&](TokenId id) { return text_length(tokenizer, id); });
    case Ordering::kLongTokensFirst:
      return for_each_token(tokenizer, [&](TokenId id) { return -text_length(tokenizer, id); });
    case Ordering::kShuffled:
    case Ordering::kAsRead:
      break;
  }
  throw Error(ErrorCode::kInternal, "no curriculum, and so no weights of tokens");
}

}  // namespace cram::corpus
