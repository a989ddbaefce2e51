#include "cram/text/json_field.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace cram::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kNamesKept = 5;

void append_utf8(std::string& to, unsigned code) {
  const auto byte = [&to](unsigned value) { to += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      byte(0xE0 | (code >> 12));
    } else {
      byte(0xF0 | (code >> 18));
      byte(0x80 | ((code >> 12) & 0x3F));
    }
    byte(0x80 | ((code >> 6) & 0x3F));
  }
  byte(0x80 | (code & 0x3F));
}

// True when one of eight bytes is a quote, a backslash or a control character: those end a run of
// plain characters in a string. The classic test for a zero byte, three times.
bool holds_special(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  const std::uint64_t quote = word ^ ('"' * kOnes);
  const std::uint64_t backslash = word ^ ('\\' * kOnes);
  return ((((word - 0x20 * kOnes) & ~word) | ((quote - kOnes) & ~quote) |
           ((backslash - kOnes) & ~backslash)) &
          kHighBits) != 0;
}

const char* find_special(const char* at, const char* end) {
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (holds_special(word)) break;
    at += sizeof word;
  }
  while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  Scanner(std::string_view object, std::string_view field)
      : begin_(object.data()), at_(begin_), end_(begin_ + object.size()), field_(field) {}

  JsonField scan() &&;

 private:
  bool fail(const char* what);
  void skip_space();
  [[nodiscard]] bool take(char c);
  [[nodiscard]] bool take_word(std::string_view word);

  bool read_object(int depth);
  bool read_array(int depth);
  bool read_member(int depth);
  bool read_name(int depth);
  bool read_value(int depth);
  bool read_field();
  bool read_number();
  bool read_digits();
  bool read_string(std::string* to);
  bool read_escape(std::string* to);
  bool read_unicode(std::string* to);
  [[nodiscard]] std::optional<unsigned> read_hex();
  [[nodiscard]] std::string names() const;

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string_view field_;
  bool is_field_ = false;  // the member that is being read is the wanted one
  std::string name_;       // scratch
  JsonField result_;
  std::array<std::string_view, kNamesKept> names_;
  std::size_t name_count_ = 0;
};

JsonField Scanner::scan() && {
  result_.status = JsonField::Status::kAbsent;
  skip_space();
  if (at_ == end_ || *at_ != '{') {
    fail("expected an object");
  } else if (read_object(1)) {
    skip_space();
    if (at_ != end_) fail("more than one object");
  }
  if (result_.status == JsonField::Status::kAbsent && result_.detail.empty()) {
    result_.detail = "no \"" + std::string(field_) + "\" among " + names();
  }
  return std::move(result_);
}

bool Scanner::fail(const char* what) {
  if (result_.status == JsonField::Status::kBroken) return false;
  result_.status = JsonField::Status::kBroken;
  result_.detail = (at_ == end_ ? "unexpected end" : what) + std::string(" at byte ") +
                   std::to_string(at_ - begin_ + 1);
  return false;
}

void Scanner::skip_space() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

bool Scanner::take(char c) {
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool Scanner::take_word(std::string_view word) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool Scanner::read_object(int depth) {
  ++at_;
  skip_space();
  if (take('}')) return true;
  while (read_member(depth)) {
    skip_space();
    if (take('}')) return true;
    if (!take(',')) return fail("expected a comma");
    skip_space();
  }
  return false;
}

bool Scanner::read_array(int depth) {
  ++at_;
  skip_space();
  if (take(']')) return true;
  while (read_value(depth)) {
    skip_space();
    if (take(']')) return true;
    if (!take(',')) return fail("expected a comma");
    skip_space();
  }
  return false;
}

bool Scanner::read_member(int depth) {
  if (at_ == end_ || *at_ != '"') return fail("expected a member name");
  if (!read_name(depth)) return false;
  skip_space();
  if (!take(':')) return fail("expected a colon");
  skip_space();
  return is_field_ ? read_field() : read_value(depth);
}

bool Scanner::read_name(int depth) {
  is_field_ = false;
  if (depth > 1) return read_string(nullptr);
  const char* const raw = at_ + 1;
  name_.clear();
  if (!read_string(&name_)) return false;
  is_field_ = name_ == field_;
  if (name_count_ < kNamesKept)
    names_[name_count_] = {raw, static_cast<std::size_t>(at_ - raw - 1)};
  ++name_count_;
  return true;
}

bool Scanner::read_value(int depth) {
  if (at_ == end_) return fail("expected a value");
  switch (*at_) {
    case '{':
    case '[':
      if (depth == kMaxJsonDepth) return fail("too deeply nested");
      return *at_ == '{' ? read_object(depth + 1) : read_array(depth + 1);
    case '"':
      return read_string(nullptr);
    case 't':
      return take_word("true") || fail("expected a value");
    case 'f':
      return take_word("false") || fail("expected a value");
    case 'n':
      return take_word("null") || fail("expected a value");
    case 'N':
      return take_word("NaN") || fail("expected a value");
    default:
      return read_number();
  }
}

bool Scanner::read_field() {
  if (result_.status == JsonField::Status::kText || !result_.detail.empty()) {
    return fail("the text field a second time");
  }
  if (at_ < end_ && *at_ == '"') {
    if (!read_string(&result_.text)) return false;
    result_.status = JsonField::Status::kText;
    return true;
  }
  if (!read_value(1)) return false;
  result_.detail = "\"" + std::string(field_) + "\" is no string";
  return true;
}

bool Scanner::read_number() {
  const bool negative = take('-');
  if (take_word("Infinity")) return true;
  if (at_ == end_ || !is_digit(*at_))
    return fail(negative ? "expected a digit" : "expected a value");
  if (!take('0') && !read_digits()) return false;
  if (take('.') && !read_digits()) return false;
  if (!take('e') && !take('E')) return true;
  if (!take('+')) (void)take('-');
  return read_digits();
}

bool Scanner::read_digits() {
  if (at_ == end_ || !is_digit(*at_)) return fail("expected a digit");
  while (at_ < end_ && is_digit(*at_)) ++at_;
  return true;
}

// From the opening quote past the closing one; decodes into `to` unless that is null.
bool Scanner::read_string(std::string* to) {
  ++at_;
  while (true) {
    const char* const special = find_special(at_, end_);
    if (to != nullptr) to->append(at_, special);
    at_ = special;
    if (take('"')) return true;
    if (at_ == end_ || *at_ != '\\') return fail("control character in a string");
    if (!read_escape(to)) return false;
  }
}

bool Scanner::read_escape(std::string* to) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  ++at_;
  if (take('u')) return read_unicode(to);
  const std::size_t which = at_ == end_ ? std::string_view::npos : kNames.find(*at_);
  if (which == std::string_view::npos) return fail("unknown escape");
  if (to != nullptr) *to += kValues[which];
  ++at_;
  return true;
}

bool Scanner::read_unicode(std::string* to) {
  const auto code = read_hex();
  if (!code) return fail("expected four hexadecimal digits");
  const bool surrogate = *code >= 0xD800 && *code < 0xE000;
  if (!surrogate) {
    if (to != nullptr) append_utf8(*to, *code);
    return true;
  }
  const char* const after = at_;
  if (*code < 0xDC00 && take_word("\\u")) {
    const auto low = read_hex();
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      if (to != nullptr) append_utf8(*to, 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00));
      return true;
    }
  }
  at_ = after;
  if (to != nullptr) to->append(kReplacement);
  result_.lone_surrogates |= to == &result_.text;
  return true;
}

std::optional<unsigned> Scanner::read_hex() {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    if (at_ == end_) return std::nullopt;
    const char c = *at_;
    const char lower = static_cast<char>(c | 0x20);
    if (is_digit(c)) {
      value = 16 * value + static_cast<unsigned>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = 16 * value + static_cast<unsigned>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
    ++at_;
  }
  return value;
}

std::string Scanner::names() const {
  if (name_count_ == 0) return "no fields";
  std::string list = "the fields ";
  for (std::size_t i = 0; i < std::min(name_count_, kNamesKept); ++i) {
    list += (i == 0 ? "" : ", ") + std::string(names_[i].substr(0, 40));
  }
  return name_count_ > kNamesKept ? list + ", …" : list;
}

}  // namespace

JsonField read_json_field(std::string_view object, std::string_view field) {
  return Scanner(object, field).scan();
}

}  // namespace cram::text
