#include "byte_bpe.h"

#include <algorithm>

#include "cram/base/file.h"
#include "cram/base/hash.h"
#include "cram/text/utf8.h"

#include "byte_bpe_json.h"
#include "byte_characters.h"
#include "utf8.h"
#include "word_merger.h"

namespace cram::tokenizer {
namespace {

MergeTable table_of(const std::vector<BpeMerge>& merges) {
  MergeTable table(merges.size());
  std::uint32_t rank = 0;
  for (const BpeMerge& merge : merges) table.add(merge.left, merge.right, {rank++, merge.result});
  return table;
}

std::string characters_of_bytes(std::string_view bytes) {
  std::string characters;
  for (const char byte : bytes) {
    append_utf8(character_of_byte(static_cast<unsigned char>(byte)), characters);
  }
  return characters;
}

bool is_letter_or_digit(char c) {
  const char folded = static_cast<char>(c | 0x20);
  return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

// One text on its way.
class ByteBpe::Pass {
 public:
  Pass(const ByteBpe& tokenizer, std::vector<TokenId>& ids,
       std::vector<ByteRange>* places = nullptr)
      : tokenizer_(tokenizer), merger_(tokenizer.merges_), ids_(ids), places_(places) {}

  void encode(std::string_view text) {
    whole_ = text;
    tokenizer_.raw_finder_.split(
        text, [this](std::string_view part) { encode_part(part); },
        [this](TokenId id, std::string_view token) { add(id, token); });
  }

  void merge_word(std::string_view word) {
    const std::size_t first = ids_.size();
    bool follows_unknown = false;
    for (const char byte : word) {
      const auto id = tokenizer_.bytes_[static_cast<unsigned char>(byte)];
      const auto unknown = tokenizer_.options_.unknown;
      if (id) {
        ids_.push_back(*id);
      } else if (unknown && !(follows_unknown && tokenizer_.options_.fuse_unknown)) {
        ids_.push_back(*unknown);
      }
      follows_unknown = !id;
    }
    merger_.merge(ids_, first);
  }

 private:
  void encode_part(std::string_view part) {
    part_ = part;
    if (tokenizer_.nfc_) part = tokenizer_.nfc_->normalize(part, normalized_);
    is_changed_ = part.data() != part_.data();
    tokenizer_.normalized_finder_.split(
        part, [this](std::string_view text) { encode_text(text); },
        [this](TokenId id, std::string_view token) { add(id, token); });
    is_changed_ = false;
  }

  void encode_text(const std::string_view given) {
    std::string_view text = given;
    const bool is_prefixed = tokenizer_.options_.add_prefix_space && !text.starts_with(' ');
    if (is_prefixed) text = prefixed_.assign(1, ' ').append(text);
    const std::size_t added = is_prefixed ? 1 : 0;
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
      end += first_word(tokenizer_.options_.pattern, text.substr(begin));
      encode_word(text.substr(begin, end - begin));
      if (places_ != nullptr)
        place(given.substr(std::max(begin, added) - added, end - std::max(begin, added)));
    }
  }

  void add(TokenId id, std::string_view token) {
    ids_.push_back(id);
    if (places_ != nullptr) place(token);
  }

  // What was added to the ids last stands at `where` in the text.
  void place(std::string_view where) {
    if (is_changed_) where = part_;  // all of it, as normalizing may have moved everything
    const auto begin = static_cast<std::size_t>(where.data() - whole_.data());
    places_->resize(ids_.size(), trimmed(whole_, {begin, begin + where.size()}));
  }

  void encode_word(std::string_view word) {
    if (is_short_word(word)) {
      if (const TokenId* id = tokenizer_.whole_words_.find(make_short_word(word))) {
        ids_.push_back(*id);
        return;
      }
    } else if (tokenizer_.options_.ignore_merges) {
      if (const auto id = tokenizer_.find_in_model(characters_of_bytes(word))) {
        ids_.push_back(*id);
        return;
      }
    }
    merge_word(word);
  }

  const ByteBpe& tokenizer_;
  WordMerger merger_;
  std::vector<TokenId>& ids_;
  std::vector<ByteRange>* places_;  // null when nobody asks
  std::string_view whole_, part_;   // the text, and where in it the pass is
  bool is_changed_ = false;         // by normalizing `part_`
  std::string normalized_, prefixed_;
};

ByteBpe::ByteBpe(BpeTokens tokens, const BpeOptions& options)
    : tokens_(std::move(tokens)),
      options_(options),
      nfc_(options.nfc ? std::optional<Nfc>(std::in_place) : std::nullopt),
      raw_finder_(finder(false)),
      normalized_finder_(finder(true)),
      merges_(table_of(tokens_.merges)),
      whole_words_(tokens_.vocabulary.size()) {
  find_bytes();
  find_whole_words();
}

AddedTokenFinder ByteBpe::finder(bool normalized) const {
  std::vector<AddedToken> tokens;
  std::string buffer;
  for (const AddedToken& token : tokens_.added) {
    if (token.normalized != normalized) continue;
    tokens.push_back(token);
    if (normalized && nfc_) tokens.back().content = nfc_->normalize(token.content, buffer);
  }
  return AddedTokenFinder(std::move(tokens));
}

void ByteBpe::find_bytes() {
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    bytes_[byte] = find_in_model(characters_of_bytes(std::string(1, static_cast<char>(byte))));
  }
}

// Those that merging makes one token of, which is not certain of every token.
void ByteBpe::find_whole_words() {
  std::vector<TokenId> ids;
  Pass pass(*this, ids);
  for (TokenId id = 0; id < tokens_.vocabulary.size(); ++id) {
    if (!tokens_.in_model[id] || is_special(id)) continue;
    const auto bytes = bytes_of_characters(token(id));
    if (!bytes || !is_short_word(*bytes)) continue;
    ids.clear();
    if (!options_.ignore_merges) pass.merge_word(*bytes);
    if (options_.ignore_merges || ids == std::vector<TokenId>{id}) {
      whole_words_.add(make_short_word(*bytes), id);
    }
  }
}

std::optional<TokenId> ByteBpe::find_in_model(std::string_view token) const {
  const auto id = tokens_.vocabulary.find(token);
  return id && tokens_.in_model[*id] && !is_special(*id) ? id : std::nullopt;
}

void ByteBpe::encode(std::string_view text, std::vector<TokenId>& ids) const {
  Pass(*this, ids).encode(text);
}

PlacedIds ByteBpe::encode_words(std::string_view text) const {
  PlacedIds placed;
  Pass(*this, placed.ids, &placed.places).encode(text);
  return placed;
}

bool ByteBpe::mask_takes_space() const {
  return std::any_of(tokens_.added.begin(), tokens_.added.end(), [&](const AddedToken& token) {
    return token.id == tokens_.special.mask && token.lstrip;
  });
}

std::string ByteBpe::decode(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids) {
    text += bytes_of_characters(token(id)).value_or(std::string(token(id)));
  }
  return text::repair_utf8(text);
}

std::int64_t ByteBpe::vocab_size() const {
  return static_cast<std::int64_t>(tokens_.vocabulary.size());
}

bool ByteBpe::continues_word(TokenId id) const {
  const std::string_view text = token(id);
  const bool is_added = std::any_of(tokens_.added.begin(), tokens_.added.end(),
                                    [&](const AddedToken& added) { return added.id == id; });
  const auto bytes = bytes_of_characters(text);
  if (is_added || is_special(id) || !bytes) return false;
  return is_letter_or_digit(bytes->front()) || static_cast<unsigned char>(bytes->front()) >= 0x80;
}

std::uint64_t ByteBpe::fingerprint() const {
  Hasher hasher;
  hasher.add("cram byte bpe 1");
  hasher.add(byte_bpe_json(*this, framing()));
  hasher.add(byte_bpe_config(*this, {.framing = framing()}));
  return hasher.value();
}

void ByteBpe::save(const std::filesystem::path& folder, const Use& use) const {
  write_file_atomic(folder / "tokenizer.json", byte_bpe_json(*this, use.framing));
  write_file_atomic(folder / "tokenizer_config.json", byte_bpe_config(*this, use));
}

}  // namespace cram::tokenizer
