#include <array>
#include <charconv>
#include <utility>

#include "cram/base/units.h"

#include "kind.h"

namespace cram::recipe {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Words that some YAML reader takes for a flag or for nothing.
bool is_reserved(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += is_letter(c) ? static_cast<char>(c | 0x20) : c;
  for (const std::string_view word :
       {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}) {
    if (lower == word) return true;
  }
  return false;
}

// True for text that every YAML reader takes as text without quotes.
bool is_plain(std::string_view text) {
  if (text.empty() || is_reserved(text)) return false;
  if (!is_letter(text.front()) && text.front() != '/') return false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!is_letter(c) && !digit && std::string_view("_-./+").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string write_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string write_bytes(std::int64_t value) {
  for (const auto& [unit, size] :
       {std::pair("GiB", 1 << 30), std::pair("MiB", 1 << 20), std::pair("KiB", 1 << 10)}) {
    if (value >= size && value % size == 0) return std::to_string(value / size) + unit;
  }
  return std::to_string(value);
}

template <class Item, class Write>
std::string write_list(const std::vector<Item>& items, Write write_item) {
  std::string text;
  for (const Item& item : items) text += (text.empty() ? "" : ", ") + write_item(item);
  return "[" + text + "]";
}

struct Writer {
  const Kind& kind;

  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const {
    return kind.type == Type::kBytes ? write_bytes(value) : std::to_string(value);
  }
  std::string operator()(double value) const {
    return kind.type == Type::kDuration ? format_duration(Seconds(value)) : write_number(value);
  }
  std::string operator()(const std::string& value) const { return write_text(value); }
  std::string operator()(const std::vector<std::int64_t>& items) const {
    return write_list(items, [](std::int64_t item) { return std::to_string(item); });
  }
  std::string operator()(const std::vector<double>& items) const {
    return write_list(items, write_number);
  }
  std::string operator()(const std::vector<std::string>& items) const {
    return write_list(items, write_text);
  }
};

}  // namespace

std::string write_number(double value) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), end);
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) {
    text.insert(exponent, ".0");
  }
  return text;
}

std::string write(const Kind& kind, const Value& value) { return std::visit(Writer{kind}, value); }

}  // namespace cram::recipe
