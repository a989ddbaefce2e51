#include "word_pattern.h"

#include <algorithm>
#include <array>

#include "character.h"
#include "utf8.h"

namespace cram::tokenizer {
namespace {

struct KnownRegex {
  std::string_view regex;
  WordPattern pattern;
};

// The first one of each pattern is the one that is written.
constexpr KnownRegex kRegexes[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     WordPattern::kGpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     WordPattern::kGpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
     R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     WordPattern::kCl100k},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
     R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     WordPattern::kCl100kOneDigit},
};

enum class Kind : std::uint8_t { kLetter, kNumber, kSpace, kOther, kEnd };

Kind kind_of(char32_t code) {
  if (is_letter(code)) return Kind::kLetter;
  if (is_number(code)) return Kind::kNumber;
  return is_white_space(code) ? Kind::kSpace : Kind::kOther;
}

constexpr std::array<Kind, 128> make_ascii_kinds() {
  constexpr struct {
    char first, last;
    Kind kind;
  } kRanges[] = {{'a', 'z', Kind::kLetter},
                 {'A', 'Z', Kind::kLetter},
                 {'0', '9', Kind::kNumber},
                 {'\t', '\r', Kind::kSpace},
                 {' ', ' ', Kind::kSpace}};
  std::array<Kind, 128> kinds{};
  kinds.fill(Kind::kOther);
  for (const auto& [first, last, kind] : kRanges) {
    for (char c = first; c <= last; ++c) kinds[static_cast<std::size_t>(c)] = kind;
  }
  return kinds;
}

constexpr std::array<Kind, 128> kAsciiKinds = make_ascii_kinds();

constexpr std::string_view kContracted[] = {"s", "t", "re", "ve", "m", "ll", "d"};
constexpr std::string_view kLongS = "\u017f";  // its capital is S, too

enum class Case { kLower, kEither };

bool begins(std::string_view text, std::string_view letters, Case how) {
  if (how == Case::kLower) return text.starts_with(letters);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() >= letters.size() &&
         std::equal(letters.begin(), letters.end(), text.begin(),
                    [&](char letter, char c) { return letter == lower(c); });
}

bool is_line_break(char c) { return c == '\r' || c == '\n'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  struct Character {
    Kind kind;
    std::size_t length;
  };

  [[nodiscard]] Character character(std::size_t at) const {
    if (at >= text_.size()) return {Kind::kEnd, 0};
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) return {kAsciiKinds[byte], 1};
    const Utf8Char decoded = decode_utf8(text_.substr(at));
    return {kind_of(decoded.code), decoded.length};
  }

  // Where the characters of this kind end, at most `most` of them.
  [[nodiscard]] std::size_t end_of(Kind kind, std::size_t at,
                                   std::size_t most = ~std::size_t{0}) const {
    for (Character next = character(at); next.kind == kind && most > 0; --most) {
      at += next.length;
      next = character(at);
    }
    return at;
  }

  [[nodiscard]] std::size_t end_of_line_breaks(std::size_t at) const {
    while (at < text_.size() && is_line_break(text_[at])) ++at;
    return at;
  }

  // \s+(?!\S)|\s+ : the space before a word is left to the word.
  [[nodiscard]] std::size_t end_of_spaces(std::size_t at) const {
    std::size_t last = at;
    std::size_t end = at;
    for (Character next = character(at); next.kind == Kind::kSpace; next = character(end)) {
      last = end;
      end += next.length;
    }
    return end == text_.size() || last == at ? end : last;
  }

  // 's and its like: the end, or `at` when there is none.
  [[nodiscard]] std::size_t end_of_contraction(std::size_t at, Case letters) const {
    if (text_[at] != '\'') return at;
    const std::string_view rest = text_.substr(at + 1);
    for (const std::string_view ending : kContracted) {
      if (begins(rest, ending, letters)) return at + 1 + ending.size();
    }
    return letters == Case::kEither && rest.starts_with(kLongS) ? at + 1 + kLongS.size() : at;
  }

  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

std::size_t first_gpt2_word(const Scanner& text) {
  if (const std::size_t end = text.end_of_contraction(0, Case::kLower); end > 0) return end;
  const std::size_t start = text.text().front() == ' ' ? 1 : 0;
  const Kind kind = text.character(start).kind;
  if (kind == Kind::kSpace || kind == Kind::kEnd) return text.end_of_spaces(0);
  return text.end_of(kind, start);
}

// The end of the white space that ends with its last line break; 0 when it has none.
std::size_t end_of_blank_lines(const Scanner& text) {
  const std::string_view spaces = text.text().substr(0, text.end_of(Kind::kSpace, 0));
  const std::size_t last = spaces.find_last_of("\r\n");
  return last == spaces.npos ? 0 : last + 1;
}

std::size_t first_cl100k_word(const Scanner& text, std::size_t digits) {
  if (const std::size_t end = text.end_of_contraction(0, Case::kEither); end > 0) return end;
  const Scanner::Character first = text.character(0);
  if (first.kind == Kind::kLetter) return text.end_of(Kind::kLetter, 0);
  if (first.kind == Kind::kNumber) return text.end_of(Kind::kNumber, 0, digits);
  const char lead = text.text().front();
  if (!is_line_break(lead) && text.character(first.length).kind == Kind::kLetter) {
    return text.end_of(Kind::kLetter, first.length);
  }
  const std::size_t start = lead == ' ' ? 1 : 0;
  if (const std::size_t end = text.end_of(Kind::kOther, start); end > start) {
    return text.end_of_line_breaks(end);
  }
  if (const std::size_t end = end_of_blank_lines(text); end > 0) return end;
  return text.end_of_spaces(0);
}

}  // namespace

std::optional<WordPattern> find_word_pattern(std::string_view regex) {
  const auto* found = std::find_if(std::begin(kRegexes), std::end(kRegexes),
                                   [&](const KnownRegex& known) { return known.regex == regex; });
  if (found == std::end(kRegexes)) return std::nullopt;
  return found->pattern;
}

std::string_view regex_of(WordPattern pattern) {
  const auto* found =
      std::find_if(std::begin(kRegexes), std::end(kRegexes),
                   [&](const KnownRegex& known) { return known.pattern == pattern; });
  return found == std::end(kRegexes) ? std::string_view() : found->regex;
}

std::size_t first_word(WordPattern pattern, std::string_view text) {
  switch (pattern) {
    case WordPattern::kGpt2:
      return first_gpt2_word(Scanner(text));
    case WordPattern::kCl100k:
      return first_cl100k_word(Scanner(text), 3);
    case WordPattern::kCl100kOneDigit:
      return first_cl100k_word(Scanner(text), 1);
    case WordPattern::kWhole:
      break;
  }
  return text.size();
}

}  // namespace cram::tokenizer
