#include "wordpiece.h"

#include <algorithm>
#include <array>

#include "cram/base/file.h"
#include "cram/base/hash.h"

#include "wordpiece_json.h"
#include "words_ahead.h"

namespace cram::tokenizer {
namespace {

bool is_one_of(const SpecialTokens& special, TokenId id) {
  return id == special.pad || id == special.unk || id == special.cls || id == special.sep ||
         id == special.mask;
}

bool continues(std::string_view token) { return token.starts_with(WordPiece::kContinuation); }

WordTable table_of_words(const Vocabulary& vocabulary, const SpecialTokens& special,
                         std::size_t max_length) {
  WordTable table(vocabulary.size());
  for (TokenId id = 0; id < vocabulary.size(); ++id) {
    const std::string_view token = vocabulary[id];
    if (is_one_of(special, id) || !is_short_word(token)) continue;
    if (utf8_length(token) <= max_length) table.add(make_short_word(token), id);
  }
  return table;
}

// A token that begins with the mark may also begin a word that begins so, where punctuation does
// not stand apart.
DoubleArray trie_of_pieces(const Vocabulary& vocabulary, const SpecialTokens& special) {
  std::vector<DoubleArray::Entry> beginning;
  std::vector<DoubleArray::Entry> continuing;
  for (TokenId id = 0; id < vocabulary.size(); ++id) {
    const std::string_view token = vocabulary[id];
    if (is_one_of(special, id)) continue;
    beginning.emplace_back(token, id);
    if (continues(token) && token != WordPiece::kContinuation) {
      continuing.emplace_back(token.substr(WordPiece::kContinuation.size()), id);
    }
  }
  return {std::move(beginning), std::move(continuing)};
}

// Tokens that Hugging Face's decoder writes without a space before them.
bool sticks_to_left(std::string_view token) {
  constexpr std::array<std::string_view, 9> kStarts = {".",  "?",  "!",   ",",  "n't",
                                                       "'m", "'s", "'ve", "'re"};
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return token.starts_with(start); });
}

}  // namespace

struct WordPiece::Sink {
  const WordPiece& tokenizer;
  std::vector<TokenId>& ids;

  void prefetch(ShortWord word) const { tokenizer.whole_words_.prefetch(word); }
  void short_word(ShortWord word) {
    if (const TokenId* id = tokenizer.whole_words_.find(word)) {
      ids.push_back(*id);
      return;
    }
    std::array<char, ShortWord::kMaxBytes> bytes;
    std::memcpy(bytes.data(), &word, bytes.size());
    tokenizer.encode_word({bytes.data(), word.size()}, ids);
  }
  void long_word(std::string_view word) { tokenizer.encode_word(word, ids); }
  void word(std::string_view word) {
    is_short_word(word) ? short_word(make_short_word(word)) : long_word(word);
  }
};

WordPiece::WordPiece(Vocabulary vocabulary, const WordPieceOptions& options,
                     const std::string& name)
    : vocabulary_(std::move(vocabulary)),
      options_(options),
      special_(find_special_tokens(vocabulary_, name)),
      splitter_(options_.steps ? std::nullopt
                               : std::optional<WordSplitter>(options_.normalization)),
      whole_words_(table_of_words(vocabulary_, special_, options_.max_word_length)),
      trie_(trie_of_pieces(vocabulary_, special_)) {}

void WordPiece::encode(std::string_view text, std::vector<TokenId>& ids) const {
  Sink sink{*this, ids};
  if (splitter_) {
    WordsAhead<Sink> ahead(sink);
    splitter_->split(text, ahead);
    ahead.finish();
  } else {
    options_.steps->split(text, [&](std::string_view word) { sink.word(word); });
  }
}

void WordPiece::encode_word(std::string_view word, std::vector<TokenId>& ids) const {
  const std::size_t before = ids.size();
  const bool is_too_long = utf8_length(word) > options_.max_word_length;
  auto root = DoubleArray::Root::kBeginning;
  while (!word.empty()) {
    const DoubleArray::Match match =
        is_too_long ? DoubleArray::Match{} : trie_.longest_match(root, word);
    if (match.length == 0) {
      ids.resize(before);
      ids.push_back(special_.unk);
      return;
    }
    ids.push_back(match.value);
    word.remove_prefix(match.length);
    root = DoubleArray::Root::kContinuing;
  }
}

std::string WordPiece::decode(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids) {
    const std::string_view piece = token(id);
    if (text.empty()) {
      text = piece;
    } else if (continues(piece)) {
      text += piece.substr(kContinuation.size());
    } else {
      if (!sticks_to_left(piece)) text += ' ';
      text += piece;
    }
  }
  return text;
}

std::int64_t WordPiece::vocab_size() const { return static_cast<std::int64_t>(vocabulary_.size()); }

bool WordPiece::continues_word(TokenId id) const { return continues(token(id)); }

std::uint64_t WordPiece::fingerprint() const {
  Hasher hasher;
  hasher.add("cram wordpiece 1");
  const auto add_number = [&](std::uint64_t number) { hasher.add(&number, sizeof number); };
  const BertNormalization& how = options_.normalization;
  for (const bool flag :
       {how.clean_text, how.split_chinese, how.strip_accents, how.lowercase, how.ascii_only}) {
    add_number(flag ? 1 : 0);
  }
  add_number(options_.max_word_length);
  if (options_.steps) {
    hasher.add(options_.steps->normalizer().dump());
    hasher.add(options_.steps->pre_tokenizer().dump());
  }
  for (const TokenId id : {special_.pad, special_.unk, special_.cls, special_.sep, special_.mask}) {
    add_number(id);
  }
  for (const std::string& token : vocabulary_.tokens()) {
    add_number(token.size());
    hasher.add(token);
  }
  return hasher.value();
}

void WordPiece::save(const std::filesystem::path& folder, const Use& use) const {
  std::string lines;
  for (const std::string& token : vocabulary_.tokens()) lines += token + '\n';
  write_file_atomic(folder / "vocab.txt", lines);
  write_file_atomic(folder / "tokenizer.json", wordpiece_json(*this, use.framing));
  write_file_atomic(folder / "tokenizer_config.json", wordpiece_config(*this, use));
}

}  // namespace cram::tokenizer
