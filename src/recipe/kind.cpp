#include "kind.h"

#include <utility>

#include "cram/base/units.h"

namespace cram::recipe {
namespace {

std::string limits_of(const Range& range, std::string (*write_limit)(double)) {
  const bool has_least = range.least > -std::numeric_limits<double>::infinity();
  const bool has_most = range.most < std::numeric_limits<double>::infinity();
  if (has_least && has_most && !range.open_least && !range.open_most) {
    return "from " + write_limit(range.least) + " to " + write_limit(range.most);
  }
  std::string text;
  if (has_least) text = (range.open_least ? "above " : "at least ") + write_limit(range.least);
  if (has_least && has_most) text += " and ";
  if (has_most) text += (range.open_most ? "below " : "at most ") + write_limit(range.most);
  return text;
}

std::string limits_of(const Kind& kind) {
  if (kind.most == Kind::kUnlimited) return "at least " + write(kind, kind.least);
  return "from " + write(kind, kind.least) + " to " + write(kind, kind.most);
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

}  // namespace

bool Range::contains(double value) const {
  const bool above_least = open_least ? value > least : value >= least;
  const bool below_most = open_most ? value < most : value <= most;
  return above_least && below_most;
}

Kind flag() { return {.type = Type::kFlag}; }

Kind count(std::int64_t least, std::int64_t most) {
  return {.type = Type::kCount, .least = least, .most = most};
}

Kind bytes(std::int64_t least, std::int64_t most) {
  return {.type = Type::kBytes, .least = least, .most = most};
}

Kind number(const Range& range) { return {.type = Type::kNumber, .range = range}; }

Kind duration(const Range& seconds) { return {.type = Type::kDuration, .range = seconds}; }

Kind text() { return {.type = Type::kText, .least = 1}; }

Kind maybe_text() { return {.type = Type::kText}; }

Kind text_like(const TextForm& form) { return {.type = Type::kText, .least = 1, .form = form}; }

Kind choice(std::vector<std::string> choices) {
  return {.type = Type::kChoice, .choices = std::move(choices)};
}

Kind list_of(Kind kind) {
  kind.list = true;
  return kind;
}

std::string describe_limits(const Kind& kind) {
  switch (kind.type) {
    case Type::kCount:
    case Type::kBytes:
      return limits_of(kind);
    case Type::kNumber:
      return limits_of(kind.range, write_number);
    case Type::kDuration:
      return limits_of(kind.range, [](double s) { return format_duration(Seconds(s)); });
    case Type::kText:
      return std::string(kind.form.description);
    case Type::kChoice:
      return joined(kind.choices, " | ");
    case Type::kFlag:
      return {};
  }
  return {};
}

std::string describe(const Kind& kind) {
  const std::string limits = describe_limits(kind);
  const std::string list = kind.list ? "a list, each item " : "";
  switch (kind.type) {
    case Type::kFlag:
      return list + "true or false";
    case Type::kCount:
      return list + "a whole number " + limits;
    case Type::kBytes:
      return list + "a size such as 512MiB or 4GiB, " + limits;
    case Type::kNumber:
      return list + "a number " + limits;
    case Type::kDuration:
      return list + "a duration such as 90s, 20m or 24h, " + limits;
    case Type::kText:
      return list + (limits.empty() ? "text" : limits);
    case Type::kChoice:
      return list + "one of " + joined(kind.choices, ", ");
  }
  return list;
}

}  // namespace cram::recipe
