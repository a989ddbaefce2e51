#include "jsonl_reader.h"

#include <algorithm>
#include <utility>

#include "cram/base/error.h"
#include "cram/text/json_field.h"

namespace cram::text {
namespace {

using End = LineReader::End;
using Kind = BadRecords::Kind;

constexpr std::size_t kLongestLine = 64 << 20;

// A short max_document_bytes cuts long texts; it must not make them unreadable.
std::size_t longest_line(const ReadOptions& options) {
  return std::max(kLongestLine, 4 * static_cast<std::size_t>(options.max_document_bytes));
}

}  // namespace

JsonlReader::JsonlReader(const std::filesystem::path& path, Compression compression,
                         const ReadOptions& options, BadRecords& bad)
    : path_(path.string()),
      field_(options.text_field),
      lines_(open_bytes(path, compression), path_, longest_line(options)),
      queue_(options, path_, "", bad) {}

std::optional<Document> JsonlReader::next() {
  while (true) {
    if (auto document = queue_.next()) return document;
    if (finished_) return std::nullopt;
    read_record();
  }
}

void JsonlReader::read_record() {
  const auto line = lines_.next();
  // Half a line is not broken JSON: it goes down with the damage.
  if (!line || line->end == End::kDamaged) return finish();
  if (line->end == End::kContinues) return skip_long_line();
  if (!is_blank(line->text)) take(line->text);
}

void JsonlReader::take(std::string_view line) {
  if (!std::exchange(seen_line_, true)) check_first(line);
  JsonField field = read_json_field(line, field_);
  switch (field.status) {
    case JsonField::Status::kText:
      return queue_.put(std::move(field.text), lines_.number(),
                        field.lone_surrogates ? "escape of a lone surrogate" : "");
    case JsonField::Status::kAbsent:
      return queue_.refuse(Kind::kMissingField, lines_.number(), field.detail);
    case JsonField::Status::kBroken:
      return queue_.refuse(Kind::kBrokenJson, lines_.number(), field.detail);
  }
}

void JsonlReader::skip_long_line() {
  queue_.refuse(Kind::kTooLong, lines_.number(), "the line is too long to be one record");
  for (auto piece = lines_.next(); piece && piece->end == End::kContinues;) piece = lines_.next();
}

// Other JSON files share the name .json: better one clear error than a bad record for each line.
void JsonlReader::check_first(std::string_view line) {
  const std::string_view text = line.substr(line.find_first_not_of(" \t"));
  const bool array = text.starts_with('[');
  const bool spread = text.starts_with('{') && is_blank(text.substr(1));
  if (!array && !spread) return;
  throw Error(ErrorCode::kData,
              path_ + " holds " + (array ? "one JSON array" : "a JSON object over several lines") +
                  ", not one object a line",
              std::string("convert it with jq -c ") + (array ? "'.[]'" : ".") +
                  ", or leave it out: name the other files or a glob");
}

void JsonlReader::finish() {
  finished_ = true;
  if (lines_.damage().empty()) return;
  queue_.refuse(Kind::kDamagedFile, lines_.number(), lines_.damage());
}

}  // namespace cram::text
