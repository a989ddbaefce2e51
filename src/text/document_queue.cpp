#include "document_queue.h"

#include <algorithm>
#include <utility>

#include "cram/text/utf8.h"

namespace cram::text {
namespace {

using Kind = BadRecords::Kind;

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void replace_nul_characters(std::string& text, std::size_t first) {
  std::string repaired = text.substr(0, first);
  for (const char byte : std::string_view(text).substr(first)) {
    if (byte == '\0') {
      repaired += kReplacement;
    } else {
      repaired += byte;
    }
  }
  text = std::move(repaired);
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kWhiteSpace) == std::string_view::npos;
}

std::size_t cut_position(std::string_view text, std::size_t max_bytes) {
  const std::size_t tail = max_bytes - max_bytes / 4;
  const std::size_t space = text.substr(tail, max_bytes - tail).find_last_of(kWhiteSpace);
  if (space != std::string_view::npos) return tail + space + 1;
  return utf8_boundary(text, max_bytes);
}

DocumentQueue::DocumentQueue(const ReadOptions& options, std::string file, std::string unit,
                             BadRecords& bad)
    : min_bytes_(static_cast<std::size_t>(std::max<std::int64_t>(1, options.min_document_bytes))),
      max_bytes_(static_cast<std::size_t>(options.max_document_bytes)),
      file_(std::move(file)),
      unit_(std::move(unit)),
      bad_(&bad) {}

void DocumentQueue::put(std::string text, std::int64_t number, std::string defect) {
  holds_record_ = true;
  text_ = std::move(text);
  taken_ = 0;
  number_ = number;
  defect_ = std::move(defect);
}

void DocumentQueue::refuse(Kind kind, std::int64_t number, const std::string& detail) {
  bad_->add(kind, file_ + ":" + unit_ + std::to_string(number), detail);
}

std::optional<Document> DocumentQueue::next() {
  while (holds_record_) {
    std::string piece = take_piece();
    if (piece.size() < min_bytes_ || is_blank(piece)) {
      bad_->count_short();
      continue;
    }
    repair(piece);
    return Document{std::move(piece)};
  }
  return std::nullopt;
}

std::string DocumentQueue::take_piece() {
  const std::string_view rest = std::string_view(text_).substr(taken_);
  if (rest.size() > max_bytes_) {
    std::string piece(rest.substr(0, cut_position(rest, max_bytes_)));
    taken_ += piece.size();
    return piece;
  }
  holds_record_ = false;
  return taken_ == 0 ? std::move(text_) : std::string(rest);
}

// Counts the document, too: as good, or as bad for the first thing wrong with it.
void DocumentQueue::repair(std::string& text) {
  const std::size_t valid = valid_utf8_prefix(text);
  const std::size_t nul = text.find('\0');
  if (!defect_.empty()) {
    refuse(Kind::kInvalidUtf8, number_, std::exchange(defect_, ""));
  } else if (valid < text.size()) {
    refuse(Kind::kInvalidUtf8, number_, "byte " + std::to_string(valid + 1) + " of the text");
  } else if (nul != std::string::npos) {
    refuse(Kind::kNulCharacter, number_, "byte " + std::to_string(nul + 1) + " of the text");
  } else {
    bad_->count_good();
  }
  if (nul != std::string::npos) replace_nul_characters(text, nul);
  if (valid < text.size()) text = repair_utf8(text);
}

}  // namespace cram::text
