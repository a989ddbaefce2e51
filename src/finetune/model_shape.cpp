#include "model_shape.h"

#include <algorithm>

#include "cram/base/error.h"

namespace cram::finetune {

std::int64_t token_rows(const checkpoint::NamedTensors& weights, const std::string& where) {
  for (const auto& [name, tensor] : weights) {
    if (name == "embeddings.token" && tensor.dim() == 2) return tensor.size(0);
  }
  throw Error(ErrorCode::kData, where + ": the model has no token table");
}

void check_vocabulary(const tokenizer::Tokenizer& tokenizer, std::int64_t rows,
                      const std::string& where) {
  if (tokenizer.vocab_size() <= rows) return;
  throw Error(ErrorCode::kData,
              where + ": the tokenizer has " + std::to_string(tokenizer.vocab_size()) +
                  " tokens, but the model only " + std::to_string(rows),
              "this is not the tokenizer that the model was trained with");
}

model::Shape model_shape(const recipe::Recipe& recipe, std::int64_t vocab_size,
                         std::int64_t max_length, const std::string& where) {
  const std::int64_t trained = std::max(recipe.sequence.length, recipe.model.max_positions);
  const bool fixed = recipe.model.positions == recipe::Positions::kLearned;
  if (fixed && max_length > trained) {
    throw Error(ErrorCode::kUsage,
                "finetune.max_length is " + std::to_string(max_length) + ", but " + where +
                    " has " + std::to_string(trained) + " positions",
                "finetune.max_length=" + std::to_string(trained) + " cuts longer examples");
  }
  return {fixed ? recipe.sequence.length : std::max(trained, max_length), vocab_size};
}

}  // namespace cram::finetune
