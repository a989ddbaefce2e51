// Text to normalised words, as BertNormalizer and BertPreTokenizer cut it, in one pass.
//
// ASCII runs eight bytes at a time in registers; the rest goes through a CharacterMap; what depends
// on its neighbours (rare marks with a canonical order) goes through normalize().
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "cram/text/eight_bytes.h"

#include "character.h"
#include "character_map.h"
#include "short_word.h"
#include "utf8.h"

namespace cram::tokenizer {

class WordSplitter {
 public:
  explicit WordSplitter(const BertNormalization& options);

  // Calls sink.short_word(ShortWord) or sink.long_word(std::string_view) for each word of `text`
  // (valid UTF-8) in order. A word is never empty; a long one lives only during the call.
  template <class Sink>
  void split(std::string_view text, Sink& sink) const;

  [[nodiscard]] const BertNormalization& options() const { return options_; }

 private:
  template <class Sink>
  class Pass;

  BertNormalization options_;
  CharacterMap map_;
  // Of ASCII; for other bytes, which need their neighbours to tell, kContext.
  std::array<CharacterFate, 256> byte_fates_;
  std::uint64_t lowercase_mask_;
};

// One text on its way through the splitter.
template <class Sink>
class WordSplitter::Pass {
 public:
  Pass(const WordSplitter& splitter, std::string_view text, Sink& sink)
      : splitter_(splitter), sink_(sink), at_(text.data()), end_(text.data() + text.size()) {}

  void run() {
    while (at_ != end_) {
      const CharacterFate fate = fate_of_byte(*at_);
      if (fate == CharacterFate::kSpace) {
        ++at_;
      } else if (!read_ascii_word()) {
        read_segment();
      }
    }
  }

 private:
  [[nodiscard]] CharacterFate fate_of_byte(char byte) const {
    return splitter_.byte_fates_[static_cast<unsigned char>(byte)];
  }

  [[nodiscard]] text::EightBytes load(const char* from) const {
    return {text::load_eight(from, end_), splitter_.lowercase_mask_};
  }

  // Reads one word that is made of ASCII alone, if there is one.
  bool read_ascii_word() {
    const text::EightBytes first = load(at_);
    if (first.letters < 8) {
      if (first.letters == 0) return read_ascii_punctuation();
      return finish_short({first.text, 0}, first.letters);
    }
    const text::EightBytes second = load(at_ + 8);
    if (second.letters < 8) return finish_short({first.text, second.text}, 8 + second.letters);
    return read_long_ascii_word();
  }

  bool read_ascii_punctuation() {
    if (fate_of_byte(*at_) != CharacterFate::kIsolated) return false;
    sink_.short_word(ShortWord{static_cast<unsigned char>(*at_), 0});
    ++at_;
    return true;
  }

  // False when the word goes on with characters that need the table.
  bool finish_short(ShortWord word, std::size_t size) {
    if (!ends_word(at_ + size)) return false;
    sink_.short_word(word);
    at_ += size;
    return true;
  }

  [[nodiscard]] bool ends_word(const char* next) const {
    if (next == end_) return true;
    const CharacterFate fate = fate_of_byte(*next);
    return fate == CharacterFate::kSpace || fate == CharacterFate::kIsolated;
  }

  bool read_long_ascii_word() {
    word_.clear();
    const char* next = at_;
    for (std::size_t letters = 8; letters == 8;) {
      const text::EightBytes part = load(next);
      letters = part.letters;
      word_.append(reinterpret_cast<const char*>(&part.text), letters);
      next += letters;
    }
    if (!ends_word(next)) return false;
    at_ = next;
    flush();
    return true;
  }

  // Reads up to the next ASCII white space, through the table.
  void read_segment() {
    const char* word_start = at_;
    word_.clear();
    while (at_ != end_ && fate_of_byte(*at_) != CharacterFate::kSpace) {
      const Utf8Char c = decode_utf8({at_, end_});
      const MappedCharacter& mapped = splitter_.map_[c.code];
      if (mapped.fate == CharacterFate::kContext) {
        at_ = word_start;
        return read_segment_in_context();
      }
      const bool separates = mapped.fate != CharacterFate::kWord;
      if (separates && mapped.fate != CharacterFate::kDropped) flush();
      if (mapped.fate == CharacterFate::kWord || mapped.fate == CharacterFate::kIsolated) {
        append(mapped, c.length);
      }
      at_ += c.length;
      if (separates && mapped.fate != CharacterFate::kDropped) {
        flush();
        word_start = at_;
      }
    }
    flush();
  }

  void append(const MappedCharacter& mapped, unsigned length) {
    if (mapped.size == 0) {
      word_.append(at_, length);
    } else {
      word_.append(mapped.bytes.data(), mapped.size);
    }
  }

  // The same by the definition, for what the table cannot tell.
  void read_segment_in_context() {
    std::u32string segment;
    while (at_ != end_ && fate_of_byte(*at_) != CharacterFate::kSpace) {
      const Utf8Char c = decode_utf8({at_, end_});
      segment.push_back(c.code);
      at_ += c.length;
    }
    word_.clear();
    for (const char32_t code : normalize(segment, splitter_.options_)) {
      const bool isolated = is_punctuation(code);
      const bool space = is_white_space(code);
      if (isolated || space) flush();
      if (!space) append_utf8(code, word_);
      if (isolated) flush();
    }
    flush();
  }

  void flush() {
    if (word_.empty()) return;
    if (is_short_word(word_)) {
      sink_.short_word(make_short_word(word_));
    } else {
      sink_.long_word(std::string_view(word_));
    }
    word_.clear();
  }

  const WordSplitter& splitter_;
  Sink& sink_;
  const char* at_;
  const char* end_;
  std::string word_;
};

template <class Sink>
void WordSplitter::split(std::string_view text, Sink& sink) const {
  Pass<Sink>(*this, text, sink).run();
}

}  // namespace cram::tokenizer
