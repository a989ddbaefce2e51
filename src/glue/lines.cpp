#include "lines.h"

#include <algorithm>

#include "cram/text/printable.h"
#include "cram/text/sources.h"
#include "cram/text/utf8.h"

namespace cram::glue {
namespace {

using End = text::LineReader::End;

constexpr std::size_t kLongestLine = 64 << 20;
constexpr std::size_t kMostWords = 20;

std::string list_of(const std::vector<std::string>& words, const std::string& last_comma) {
  std::string list;
  const std::size_t count = std::min(words.size(), kMostWords);
  for (std::size_t i = 0; i < count; ++i) {
    list += i == 0 ? "" : i + 1 == words.size() ? last_comma : ", ";
    list += text::printable(words[i], 60);
  }
  return words.size() > count ? list + ", …" : list;
}

}  // namespace

Lines::Lines(const std::filesystem::path& path)
    : path_(path.string()),
      reader_(text::open_bytes(path, text::packed_name(path).compression), path_, kLongestLine) {}

std::optional<std::string_view> Lines::next() {
  const auto line = reader_.next();
  if ((!line || line->end == End::kDamaged) && !reader_.damage().empty()) {
    throw error("the file is damaged: " + text::printable(reader_.damage()),
                "download or write it again");
  }
  if (!line) return std::nullopt;
  if (line->end == End::kContinues) throw error("the line is over 64 MiB long");
  const std::size_t valid = text::valid_utf8_prefix(line->text);
  if (valid < line->text.size()) {
    throw error("byte " + std::to_string(valid + 1) + " is not valid UTF-8",
                "convert the file, for example with iconv -f LATIN1 -t UTF-8");
  }
  return line->text;
}

Error Lines::error(const std::string& what, const std::string& hint) const {
  return error_at(path_, number(), what, hint);
}

Error error_at(const std::string& path, std::int64_t line, const std::string& what,
               const std::string& hint) {
  return {ErrorCode::kData, path + ":" + std::to_string(line) + ": " + what, hint};
}

std::string shown(std::string_view text) { return "\"" + text::printable(text, 60) + "\""; }

std::string any_of(const std::vector<std::string>& words) { return list_of(words, " or "); }

std::string all_of(const std::vector<std::string>& words) { return list_of(words, " and "); }

}  // namespace cram::glue
