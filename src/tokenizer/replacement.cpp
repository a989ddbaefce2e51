#include "replacement.h"

#include <algorithm>
#include <limits>

#include "cram/base/error.h"

#include "character.h"
#include "json_file.h"
#include "utf8.h"

namespace cram::tokenizer {

using nlohmann::json;

// Reads a regular expression.
class Replacement::Parser {
 public:
  Parser(const std::string& regex, const std::string& name)
      : regex_(regex), name_(name), codes_(code_points(regex)) {}

  void parse(Replacement& result) {
    while (at_ < codes_.size()) {
      if (is_next(U"*+?{") && !result.row_.empty()) {
        if (result.row_.size() > 1) throw_unsupported();
        read_times(result);
        if (at_ < codes_.size()) throw_unsupported();
        return;
      }
      result.row_.push_back(read_characters());
    }
    if (result.row_.empty()) throw_unsupported();
  }

 private:
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  [[noreturn]] void throw_unsupported() const {
    throw Error(ErrorCode::kData, name_ + ": unsupported pattern of Replace: '" + regex_ + "'",
                "cram reads characters, and one character or class that is repeated");
  }

  [[nodiscard]] bool is_next(std::u32string_view any_of) const {
    return at_ < codes_.size() && any_of.find(codes_[at_]) != any_of.npos;
  }
  char32_t take() {
    if (at_ == codes_.size()) throw_unsupported();
    return codes_[at_++];
  }

  Characters read_characters() {
    const char32_t code = take();
    if (code == U'[') return read_class();
    if (code == U'\\') return {.ranges = read_escape()};
    if (std::u32string_view(U".^$|()?*+{").find(code) != std::u32string_view::npos) {
      throw_unsupported();
    }
    return {.ranges = {{code, code}}};
  }

  Characters read_class() {
    Characters result;
    result.is_negated = is_next(U"^");
    if (result.is_negated) ++at_;
    while (!is_next(U"]")) {
      std::vector<CodePointRange> ranges = read_of_class();
      const bool is_range = is_next(U"-") && at_ + 1 < codes_.size() && codes_[at_ + 1] != U']';
      if (is_range) ranges = {{only_one(ranges), read_last()}};
      if (ranges[0].last < ranges[0].first) throw_unsupported();
      result.ranges.insert(result.ranges.end(), ranges.begin(), ranges.end());
    }
    ++at_;
    if (result.ranges.empty()) throw_unsupported();
    return result;
  }

  // The end of a range, from its dash on.
  char32_t read_last() {
    ++at_;
    return only_one(read_of_class());
  }

  [[nodiscard]] char32_t only_one(const std::vector<CodePointRange>& ranges) const {
    if (ranges.size() != 1 || ranges[0].first != ranges[0].last) throw_unsupported();
    return ranges[0].first;
  }

  std::vector<CodePointRange> read_of_class() {
    const char32_t code = take();
    if (code == U'\\') return read_escape();
    // Of classes in classes and their intersection.
    if (code == U'[' || code == U'&') throw_unsupported();
    return {{code, code}};
  }

  // What stands behind a backslash.
  std::vector<CodePointRange> read_escape() {
    const char32_t code = take();
    const auto only = [](char32_t one) { return std::vector<CodePointRange>{{one, one}}; };
    switch (code) {
      case U's': {
        const auto spaces = white_space_characters();
        return {spaces.begin(), spaces.end()};
      }
      case U'x':
        return only(read_hexadecimal());
      case U't':
        return only(U'\t');
      case U'n':
        return only(U'\n');
      case U'r':
        return only(U'\r');
      default:
        break;
    }
    if (code < 0x80 && is_punctuation(code)) return only(code);
    throw_unsupported();
  }

  // "41", or with braces up to six digits.
  char32_t read_hexadecimal() {
    if (!is_next(U"{")) {
      const char32_t code = read_digits(2);
      if (code >= 0x80) throw_unsupported();  // two digits are a byte, not a character
      return code;
    }
    ++at_;
    const char32_t code = read_digits(6);
    if (take() != U'}' || code >= kCodePoints) throw_unsupported();
    return code;
  }

  char32_t read_digits(int most) {
    constexpr std::u32string_view kDigits = U"0123456789abcdefABCDEF";
    if (!is_next(kDigits)) throw_unsupported();
    char32_t code = 0;
    for (int count = 0; count < most && is_next(kDigits); ++count) {
      const std::size_t digit = kDigits.find(take());
      code = code * 16 + static_cast<char32_t>(digit < 16 ? digit : digit - 6);
    }
    return code;
  }

  void read_times(Replacement& result) {
    if (take() == U'+') {
      result.most_ = kNoLimit;
      return;
    }
    if (codes_[at_ - 1] != U'{') throw_unsupported();  // might match nothing
    result.least_ = result.most_ = read_number();
    if (is_next(U",")) {
      ++at_;
      result.most_ = is_next(U"}") ? kNoLimit : read_number();
    }
    if (take() != U'}' || result.least_ == 0 || result.most_ < result.least_) throw_unsupported();
  }

  std::size_t read_number() {
    constexpr std::size_t kMost = 1000;
    std::size_t number = 0;
    if (!is_next(U"0123456789")) throw_unsupported();
    while (is_next(U"0123456789") && number <= kMost) number = number * 10 + (take() - U'0');
    if (number > kMost) throw_unsupported();
    return number;
  }

  const std::string& regex_;
  const std::string& name_;
  std::u32string codes_;
  std::size_t at_ = 0;
};

bool Replacement::Characters::contain(char32_t code) const {
  const bool found = std::any_of(ranges.begin(), ranges.end(), [code](const CodePointRange& range) {
    return range.first <= code && code <= range.last;
  });
  return found != is_negated;
}

Replacement::Replacement(const json& part, const std::string& name) {
  const json& pattern = json_member(part, "pattern");
  content_ = code_points(json_string(part, "content", "", name));
  const std::string regex = json_string(pattern, "Regex", "", name);
  if (!regex.empty()) {
    Parser(regex, name).parse(*this);
    return;
  }
  for (const char32_t code : code_points(json_string(pattern, "String", "", name))) {
    row_.push_back({.ranges = {{code, code}}});
  }
  if (row_.empty()) throw Error(ErrorCode::kData, name + ": Replace without a pattern");
}

std::size_t Replacement::match(std::u32string_view text) const {
  if (row_.size() > 1) {
    if (text.size() < row_.size()) return 0;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      if (!row_[i].contain(text[i])) return 0;
    }
    return row_.size();
  }
  std::size_t length = 0;
  while (length < std::min(most_, text.size()) && row_[0].contain(text[length])) ++length;
  return length < least_ ? 0 : length;
}

std::u32string Replacement::apply(std::u32string_view text) const {
  std::u32string result;
  while (!text.empty()) {
    const std::size_t length = match(text);
    if (length == 0) {
      result += text.front();
    } else {
      result += content_;
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace cram::tokenizer
