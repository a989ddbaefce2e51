#include "cram/train/fill_mask.h"

#include <algorithm>

#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>

#include "cram/base/error.h"

namespace cram::train {
namespace {

constexpr std::string_view kBlank = "[MASK]";

struct Query {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> blanks;  // their positions in ids
};

void append(const tokenizer::Tokenizer& tokenizer, std::string_view text, Query& query) {
  const std::vector<tokenizer::TokenId> ids = tokenizer.encode(text);
  query.ids.insert(query.ids.end(), ids.begin(), ids.end());
}

Query make_query(const LoadedModel& loaded, std::string_view text) {
  const tokenizer::SpecialTokens& special = loaded.tokenizer->special_tokens();
  Query query;
  if (loaded.recipe.sequence.start_token) query.ids.push_back(special.cls);
  for (std::size_t at = text.find(kBlank); at != text.npos; at = text.find(kBlank)) {
    append(*loaded.tokenizer, text.substr(0, at), query);
    query.blanks.push_back(static_cast<std::int64_t>(query.ids.size()));
    query.ids.push_back(special.mask);
    text.remove_prefix(at + kBlank.size());
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
      row.push_back(
          {std::string(loaded.tokenizer->token(id)), probabilities[blank][i].item<double>()});
    }
  }
  return guesses;
}

}  // namespace cram::train
