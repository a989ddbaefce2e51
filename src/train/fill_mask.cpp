#include "cram/train/fill_mask.h"

#include <algorithm>
#include <array>

#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>

#include "cram/base/error.h"

namespace cram::train {
namespace {

struct Query {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> blanks;  // their positions in ids
};

void append(const tokenizer::Tokenizer& tokenizer, std::string_view text, Query& query) {
  const std::vector<tokenizer::TokenId> ids = tokenizer.encode(text);
  query.ids.insert(query.ids.end(), ids.begin(), ids.end());
}

// The next blank of a text; its end where there is none.
std::string_view find_blank(std::string_view text, std::string_view mask_token) {
  std::string_view first = text.substr(text.size());
  for (const std::string_view spelling : {std::string_view("[MASK]"), mask_token}) {
    const std::size_t at = text.find(spelling);
    if (at < static_cast<std::size_t>(first.data() - text.data())) {
      first = text.substr(at, spelling.size());
    }
  }
  return first;
}

std::string_view before_blank(std::string_view text, const tokenizer::Tokenizer& tokenizer) {
  if (!tokenizer.mask_takes_space()) return text;
  const std::size_t end = text.find_last_not_of(" \t\n\v\f\r");
  return text.substr(0, end == text.npos ? 0 : end + 1);
}

Query make_query(const LoadedModel& loaded, std::string_view text) {
  const tokenizer::SpecialTokens& special = loaded.tokenizer->special_tokens();
  Query query;
  if (loaded.recipe.sequence.start_token) query.ids.push_back(special.cls);
  const std::string_view mask_token = loaded.tokenizer->token(special.mask);
  for (std::string_view blank = find_blank(text, mask_token); !blank.empty();
       blank = find_blank(text, mask_token)) {
    const auto at = static_cast<std::size_t>(blank.data() - text.data());
    append(*loaded.tokenizer, before_blank(text.substr(0, at), *loaded.tokenizer), query);
    query.blanks.push_back(static_cast<std::int64_t>(query.ids.size()));
    query.ids.push_back(special.mask);
    text.remove_prefix(at + blank.size());
  }
  append(*loaded.tokenizer, text, query);
  if (loaded.recipe.sequence.separator) query.ids.push_back(special.sep);
  return query;
}

void check(const Query& query, std::int64_t longest) {
  if (query.blanks.empty()) {
    throw Error(ErrorCode::kUsage, "the text has no [MASK]",
                "write [MASK] where a word is to be guessed");
  }
  if (static_cast<std::int64_t>(query.ids.size()) > longest) {
    throw Error(ErrorCode::kUsage, "the text has " + std::to_string(query.ids.size()) +
                                       " tokens, the model was trained on " +
                                       std::to_string(longest));
  }
}

}  // namespace

std::vector<std::vector<Guess>> fill_masks(const LoadedModel& loaded, std::string_view text,
                                           int count) {
  const Query query = make_query(loaded, text);
  check(query, loaded.recipe.sequence.length);
  const at::Device device = loaded.model->placement().device;
  const at::Tensor logits =
      loaded.model->logits(at::tensor(query.ids, at::kLong).unsqueeze(0).to(device),
                           at::tensor(query.blanks, at::kLong).to(device));
  const std::int64_t wanted = std::min<std::int64_t>(count, loaded.tokenizer->vocab_size());
  const auto [probabilities, ids] = at::topk(at::softmax(logits, -1).cpu(), wanted);
  std::vector<std::vector<Guess>> guesses;
  for (std::int64_t blank = 0; blank < ids.size(0); ++blank) {
    std::vector<Guess>& row = guesses.emplace_back();
    for (std::int64_t i = 0; i < wanted; ++i) {
      const auto id = static_cast<tokenizer::TokenId>(ids[blank][i].item<std::int64_t>());
      row.push_back({.id = id,
                     .token = loaded.tokenizer->decode(std::array{id}),
                     .probability = probabilities[blank][i].item<double>()});
    }
  }
  return guesses;
}

}  // namespace cram::train
