#include <charconv>
#include <cmath>
#include <system_error>

#include "cram/base/units.h"

#include "kind.h"
#include "suggest.h"

namespace cram::recipe {
namespace {

// In the YAML of old, 010 is eight; who writes it may mean either.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

template <class Number>
std::optional<Number> parse_plain(std::string_view text) {
  Number value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

// True for UTF-8 without control characters: what file names and messages can carry. Overlong
// forms and surrogates pass; they can do no harm here.
bool is_clean_text(std::string_view text) {
  std::size_t continuation = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xc0) == 0x80;
    if (continues != (continuation > 0)) return false;
    if (continues) {
      --continuation;
    } else if (byte < 0x20 || byte == 0x7f || byte >= 0xf8) {
      return false;
    } else if (byte >= 0xc0) {
      continuation = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    }
  }
  return continuation == 0;
}

std::optional<Value> read_whole(const Kind& kind, const std::string& text) {
  std::optional<std::int64_t> value = parse_plain<std::int64_t>(text);
  if (!value) value = kind.type == Type::kBytes ? parse_bytes(text) : parse_count(text);
  if (!value || *value < kind.least || *value > kind.most) return std::nullopt;
  return Value(*value);
}

std::optional<Value> read_number(const Kind& kind, const std::string& text) {
  const std::optional<double> value = parse_plain<double>(text);
  if (!value || !std::isfinite(*value) || !kind.range.contains(*value)) return std::nullopt;
  return Value(*value);
}

std::optional<Value> read_duration(const Kind& kind, const std::string& text) {
  const std::optional<Seconds> value = parse_duration(text);
  if (!value) return std::nullopt;
  // Whole milliseconds, so that a written recipe reads back the same.
  const double seconds = std::round(value->count() * 1000) / 1000;
  if (!kind.range.contains(seconds)) return std::nullopt;
  return Value(seconds);
}

std::optional<Value> read_text(const Kind& kind, const std::string& text) {
  if (static_cast<std::int64_t>(text.size()) < kind.least || !is_clean_text(text)) {
    return std::nullopt;
  }
  if (kind.form.fits != nullptr && !kind.form.fits(text)) return std::nullopt;
  return Value(text);
}

std::optional<Value> read_choice(const Kind& kind, const std::string& text) {
  for (const std::string& choice : kind.choices) {
    if (choice == text) return Value(text);
  }
  return std::nullopt;
}

std::optional<Value> read_flag(const std::string& text) {
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  return std::nullopt;
}

// Whether the value is written in a way that its type allows.
bool is_well_written(const Kind& kind, const Node& node) {
  if (node.type != Node::Type::kScalar) return false;
  if (kind.type == Type::kText || kind.type == Type::kChoice) return true;
  // Durations and sizes are text to YAML, so quotes around them mean nothing.
  const bool has_unit = kind.type == Type::kDuration || kind.type == Type::kBytes;
  return (!node.in_quotes || has_unit) && !has_leading_zero(node.text);
}

std::optional<Value> read_scalar(const Kind& kind, const Node& node) {
  if (!is_well_written(kind, node)) return std::nullopt;
  switch (kind.type) {
    case Type::kFlag:
      return read_flag(node.text);
    case Type::kCount:
    case Type::kBytes:
      return read_whole(kind, node.text);
    case Type::kNumber:
      return read_number(kind, node.text);
    case Type::kDuration:
      return read_duration(kind, node.text);
    case Type::kText:
      return read_text(kind, node.text);
    case Type::kChoice:
      return read_choice(kind, node.text);
  }
  return std::nullopt;
}

// Why a value that may look right is refused.
std::string reason(const Kind& kind, const Node& node) {
  if (kind.type == Type::kText) return {};
  if (kind.type == Type::kChoice) {
    const std::string meant = nearest(node.text, kind.choices);
    return meant.empty() ? "" : "; did you mean " + shown(meant) + "?";
  }
  if (has_leading_zero(node.text)) return " with a leading zero";
  const bool lacks_unit = kind.type == Type::kDuration && parse_plain<double>(node.text);
  if (lacks_unit) return " without a unit";
  return node.in_quotes ? " in quotes" : "";
}

std::string what_stands_there(const Kind& kind, const Node& node) {
  switch (node.type) {
    case Node::Type::kNull:
      return "nothing";
    case Node::Type::kMap:
      return "a mapping";
    case Node::Type::kList:
      return "a list";
    case Node::Type::kScalar:
      return shown(node.text) + reason(kind, node);
  }
  return {};
}

Reading refused(const Kind& kind, const Node& node) {
  const std::string problem =
      "must be " + describe(kind) + ", not " + what_stands_there(kind, node);
  return {std::nullopt, problem, node.place};
}

template <class Item>
Reading read_list(const Kind& kind, const std::vector<Node>& items) {
  std::vector<Item> list;
  for (const Node& item : items) {
    const std::optional<Value> value = read_scalar(kind, item);
    if (!value) return refused(kind, item);
    list.push_back(std::get<Item>(*value));
  }
  return {Value(std::move(list))};
}

Reading read_nothing(const Kind& kind, const Node& node) {
  if (kind.optional) return {Value(std::monostate())};
  if (kind.type == Type::kText && kind.least == 0) return {Value(std::string())};
  return refused(kind, node);
}

}  // namespace

Reading read(const Kind& kind, const Node& node) {
  if (node.type == Node::Type::kNull) return read_nothing(kind, node);
  if (kind.list && node.type != Node::Type::kMap) {
    const bool one = node.type == Node::Type::kScalar;
    const std::vector<Node> items = one ? std::vector<Node>{node} : node.items;
    if (kind.type == Type::kText) return read_list<std::string>(kind, items);
    if (kind.type == Type::kCount) return read_list<std::int64_t>(kind, items);
    return read_list<double>(kind, items);
  }
  const std::optional<Value> value = read_scalar(kind, node);
  return value ? Reading{value} : refused(kind, node);
}

}  // namespace cram::recipe
