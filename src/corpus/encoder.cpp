#include "encoder.h"

#include <algorithm>
#include <utility>

#include "cram/base/hash.h"
#include "cram/base/random.h"
#include "cram/base/units.h"

namespace cram::corpus {

bool is_held_out(const std::string& text, double share, std::uint64_t seed) {
  return Random(seed, RandomStream::kHeldOut, hash64(text)).uniform() < share;
}

EncodedText Encoder::encode(const DocumentBatch& batch) const {
  EncodedText result;
  result.statistics = TextStatistics(tokenizer_.vocab_size());
  for (const SourcedDocument& document : batch.documents) {
    if (result.files.empty() || result.files.back().file != document.file) {
      result.files.push_back({document.file, result.training.tokens.size()});
    }
    encode_document(document, result);
  }
  return result;
}

void Encoder::encode_document(const SourcedDocument& document, EncodedText& result) const {
  const tokenizer::SpecialTokens& special = tokenizer_.special_tokens();
  const bool held_out = is_held_out(document.text, options_.held_out_share, options_.seed);
  EncodedText::Part& part = held_out ? result.held_out : result.training;
  std::vector<TokenId>& tokens = part.tokens;

  const std::size_t start = tokens.size();
  if (options_.start_token) tokens.push_back(special.cls);
  const std::size_t first = tokens.size();
  tokenizer_.encode(document.text, tokens);
  if (auto detail = find_incompressible(document.text, tokens.size() - first)) {
    tokens.resize(start);
    result.dropped.push_back({.source = document.source,
                              .document = Excerpt(document.text),
                              .detail = std::move(*detail)});
    return;
  }
  EncodedText::Source& source = result.source(document.source);
  if (document.cleaned) ++result.cleaned_documents;
  source.packed += {.documents = 1, .bytes = static_cast<std::int64_t>(document.text.size())};
  if (tokens.size() == first) {
    tokens.resize(start);
    ++result.empty_documents;
    return;
  }
  const auto first_token = tokens.begin() + static_cast<std::ptrdiff_t>(first);
  result.unknown_tokens += std::count(first_token, tokens.end(), special.unk);
  result.statistics.add(document.text, {first_token, tokens.end()});
  if (options_.separator) tokens.push_back(special.sep);
  source.tokens += static_cast<std::int64_t>(tokens.size() - start);
  ++part.documents;
}

// What speaks against the document; nothing where it may stay.
std::optional<std::string> Encoder::find_incompressible(std::string_view text,
                                                        std::size_t tokens) const {
  if (!options_.max_tokens_per_character) return std::nullopt;
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto characters = std::count_if(text.begin(), text.end(), is_first_byte);
  constexpr std::size_t kFrame = 2;  // [CLS] and [SEP]
  const double share = static_cast<double>(tokens + kFrame) / static_cast<double>(characters);
  if (share < *options_.max_tokens_per_character) return std::nullopt;
  return format_fixed(share, 3) + " tokens a character";
}

}  // namespace cram::corpus
