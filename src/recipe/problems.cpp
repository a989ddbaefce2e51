#include "problems.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"

namespace cram::recipe {
namespace {

constexpr std::size_t kMostQuoted = 60;

}  // namespace

std::string shown(std::string_view text) {
  std::size_t size = std::min(text.size(), kMostQuoted);
  // Not in the middle of a character.
  while (size < text.size() && size > 0 && (text[size] & 0xc0) == 0x80) --size;
  std::string result = "'";
  for (const char c : text.substr(0, size)) {
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return result + (size < text.size() ? "...'" : "'");
}

int Problems::add_file(std::string name) {
  sources_.push_back({std::move(name), true});
  return static_cast<int>(sources_.size()) - 1;
}

int Problems::add_argument(std::string_view argument) {
  sources_.push_back({"argument " + shown(argument), false});
  return static_cast<int>(sources_.size()) - 1;
}

void Problems::add(const Place& place, std::string text) {
  if (!full()) entries_.push_back({place, std::move(text)});
}

std::string Problems::line(const Entry& entry) const {
  const Source& source = sources_.at(static_cast<std::size_t>(entry.place.source));
  std::string where = source.name;
  if (source.has_lines) {
    where += ":" + std::to_string(entry.place.line) + ":" + std::to_string(entry.place.column);
  }
  return where + ": " + entry.text;
}

void Problems::throw_if_any(const std::string& hint) const {
  if (entries_.empty()) return;
  std::vector<Entry> sorted = entries_;
  std::sort(sorted.begin(), sorted.end());
  std::string message;
  if (sorted.size() > 1) {
    message =
        (full() ? "at least " : "") + std::to_string(sorted.size()) + " problems in the recipe";
  }
  for (const Entry& entry : sorted) message += (sorted.size() > 1 ? "\n  " : "") + line(entry);
  throw Error(ErrorCode::kUsage, message, hint);
}

}  // namespace cram::recipe
