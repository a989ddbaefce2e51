// What a key may hold: its type and limits, how it is read, described and written.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "document.h"

namespace cram::recipe {

// A value on its way between YAML and the structs of recipe.h: nothing (an unset optional), a
// flag, a whole number, a number (durations in seconds), text (choices by name), or a list.
using Value =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                 std::vector<double>, std::vector<std::string>>;

enum class Type { kFlag, kCount, kBytes, kNumber, kDuration, kText, kChoice };

// Limits of a number; `above` and `below` leave the limit itself out.
struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool open_least = false;
  bool open_most = false;

  [[nodiscard]] bool contains(double value) const;

  static Range at_least(double least) { return {.least = least}; }
  static Range above(double least) { return {.least = least, .open_least = true}; }
  static Range between(double least, double most) { return {.least = least, .most = most}; }
  static Range inside(double least, double most) { return {least, most, true, true}; }
  // Includes `least` but not `most`.
  static Range from_below(double least, double most) { return {least, most, false, true}; }
  // Includes `most` but not `least`.
  static Range above_to(double least, double most) { return {least, most, true, false}; }
};

// A form that text must have beyond being text.
struct TextForm {
  std::string_view description;  // completes "must be"
  std::string_view pattern;      // the same as a regular expression, for editors
  bool (*fits)(std::string_view text) = nullptr;
};

struct Kind {
  static constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

  Type type = Type::kFlag;
  bool list = false;               // of counts, numbers or texts; one alone is a list of one
  bool optional = false;           // may be unset
  std::int64_t least = 0;          // counts, bytes, and the length of text
  std::int64_t most = kUnlimited;  // counts and bytes
  Range range = {};                // numbers and durations
  std::vector<std::string> choices = {};
  TextForm form = {};
};

[[nodiscard]] Kind flag();
[[nodiscard]] Kind count(std::int64_t least, std::int64_t most = Kind::kUnlimited);
[[nodiscard]] Kind bytes(std::int64_t least, std::int64_t most = Kind::kUnlimited);
[[nodiscard]] Kind number(const Range& range);
[[nodiscard]] Kind duration(const Range& seconds);
[[nodiscard]] Kind text();        // not empty
[[nodiscard]] Kind maybe_text();  // may be empty
[[nodiscard]] Kind text_like(const TextForm& form);
[[nodiscard]] Kind choice(std::vector<std::string> choices);
[[nodiscard]] Kind list_of(Kind kind);

// A value, or what is wrong and where: "must be ..., not '...'".
struct Reading {
  std::optional<Value> value;
  std::string problem = {};
  Place place = {};
};
[[nodiscard]] Reading read(const Kind& kind, const Node& node);

// "a whole number from 1 to 512", "one of a, b"; completes "must be".
[[nodiscard]] std::string describe(const Kind& kind);

// The part of it that an example of the value does not show: "from 1 to 512", "a | b".
[[nodiscard]] std::string describe_limits(const Kind& kind);

// As read() takes it from YAML; "null" for nothing.
[[nodiscard]] std::string write(const Kind& kind, const Value& value);

// 0.001, 10000, 1.0e-12: the shortest text that reads back to the same number, for old and new
// YAML alike.
[[nodiscard]] std::string write_number(double value);

}  // namespace cram::recipe
