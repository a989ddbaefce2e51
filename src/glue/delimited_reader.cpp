#include "delimited_reader.h"

namespace cram::glue {
namespace {

constexpr std::size_t kNowhere = std::string::npos;
constexpr std::size_t kLongestRow = 64 << 20;

// What stands between the quote marks, which are doubled inside.
std::string unquote(std::string_view quoted) {
  std::string text;
  text.reserve(quoted.size());
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    text += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return text;
}

}  // namespace

bool DelimitedReader::next() {
  auto line = lines_.next();
  while (line && line->empty()) line = lines_.next();
  if (!line) return false;
  line_ = lines_.number();
  row_ = *line;
  fields_.clear();
  std::size_t begin = 0;
  while (begin <= row_.size()) begin = take_field(begin) + 1;
  return true;
}

// Returns the end of the field: a delimiter's place, or the row's end.
std::size_t DelimitedReader::take_field(std::size_t begin) {
  if (dialect_.quoting != Quoting::kNone && begin < row_.size() && row_[begin] == '"') {
    const std::size_t quote = closing_quote(begin + 1);
    if (is_quoted(begin, quote)) {
      fields_.push_back(unquote(std::string_view(row_).substr(begin + 1, quote - begin - 1)));
      return quote + 1;
    }
  }
  const std::size_t end = std::min(row_.find(dialect_.delimiter, begin), row_.size());
  fields_.push_back(row_.substr(begin, end - begin));
  return end;
}

bool DelimitedReader::is_quoted(std::size_t begin, std::size_t quote) const {
  const bool ends_field =
      quote != kNowhere && (quote + 1 == row_.size() || row_[quote + 1] == dialect_.delimiter);
  if (ends_field || dialect_.quoting == Quoting::kWholeFields) return ends_field;
  const std::string field = "field " + std::to_string(fields_.size() + 1);
  if (quote == kNowhere) {
    throw error("the quote mark that opens " + field + " is never closed",
                "inside a quoted field a quote mark is written twice");
  }
  throw error("text after the quote mark that closes " + field + ": " +
                  shown(std::string_view(row_).substr(begin)),
              "inside a quoted field a quote mark is written twice");
}

// The next quote mark that stands alone; kNowhere where there is none.
std::size_t DelimitedReader::closing_quote(std::size_t from) {
  while (true) {
    const std::size_t at = row_.find('"', from);
    if (at == kNowhere) {
      from = row_.size() + 1;
      if (!add_line()) return kNowhere;
    } else if (at + 1 < row_.size() && row_[at + 1] == '"') {
      from = at + 2;
    } else {
      return at;
    }
  }
}

bool DelimitedReader::add_line() {
  if (dialect_.quoting != Quoting::kRfc4180) return false;
  const auto line = lines_.next();
  if (!line) return false;
  if (row_.size() + line->size() > kLongestRow) {
    throw error("the row is over 64 MiB long", "a closing quote mark may be missing");
  }
  (row_ += '\n') += *line;
  return true;
}

}  // namespace cram::glue
