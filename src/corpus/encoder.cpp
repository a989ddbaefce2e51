#include "encoder.h"

#include <algorithm>

#include "cram/base/hash.h"
#include "cram/base/random.h"

namespace cram::corpus {

bool is_held_out(const std::string& text, double share, std::uint64_t seed) {
  return Random(seed, RandomStream::kHeldOut, hash64(text)).uniform() < share;
}

EncodedBatch Encoder::encode(const DocumentBatch& batch) const {
  EncodedBatch result;
  result.bytes_read = batch.bytes_read;
  for (const text::Document& document : batch.documents) encode_document(document.text, result);
  return result;
}

void Encoder::encode_document(const std::string& text, EncodedBatch& result) const {
  const tokenizer::SpecialTokens& special = tokenizer_.special_tokens();
  const bool held_out = is_held_out(text, options_.held_out_share, options_.seed);
  EncodedBatch::Part& part = held_out ? result.held_out : result.training;
  std::vector<TokenId>& tokens = part.tokens;

  const std::size_t start = tokens.size();
  if (options_.start_token) tokens.push_back(special.cls);
  const std::size_t first = tokens.size();
  tokenizer_.encode(text, tokens);
  result.text_bytes += static_cast<std::int64_t>(text.size());
  if (tokens.size() == first) {
    tokens.resize(start);
    ++result.empty_documents;
    return;
  }
  const auto first_token = tokens.begin() + static_cast<std::ptrdiff_t>(first);
  result.unknown_tokens += std::count(first_token, tokens.end(), special.unk);
  if (options_.separator) tokens.push_back(special.sep);
  ++part.documents;
}

}  // namespace cram::corpus
