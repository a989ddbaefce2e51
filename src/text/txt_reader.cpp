#include "txt_reader.h"

#include <algorithm>
#include <utility>

namespace cram::text {
namespace {

using End = LineReader::End;

constexpr std::size_t kLongestPiece = 1 << 20;

// Pieces no longer than a document keep what is pending below two documents.
std::size_t piece_bytes(const ReadOptions& options) {
  return std::min(kLongestPiece, static_cast<std::size_t>(options.max_document_bytes));
}

}  // namespace

TxtReader::TxtReader(const std::filesystem::path& path, Compression compression,
                     const ReadOptions& options, BadRecords& bad)
    : lines_(open_bytes(path, compression), path.string(), piece_bytes(options)),
      queue_(options, path.string(), "", bad),
      blank_line_ends_(options.txt_documents == TxtDocuments::kParagraph) {}

std::optional<Document> TxtReader::next() {
  while (true) {
    if (auto document = queue_.next()) return document;
    if (finished_) return std::nullopt;
    read_record();
  }
}

// Until a document, or the first piece of a long one, is in the queue.
void TxtReader::read_record() {
  while (pending_.size() <= queue_.max_bytes() + 1) {
    const auto line = lines_.next();
    if (!line) return finish();
    if (!add(*line)) return put(pending_.size());
  }
  put(cut_position(pending_, queue_.max_bytes()));
}

// False for a blank line that ends the document.
bool TxtReader::add(const LineReader::Line& line) {
  const bool whole = at_line_start_ && line.end == End::kLine;
  at_line_start_ = line.end == End::kLine;
  const bool blank = whole && is_blank(line.text);
  if (pending_.empty()) {
    if (blank) return true;
    first_line_ = lines_.number();
  } else if (blank && blank_line_ends_) {
    return false;
  }
  pending_ += line.text;
  if (at_line_start_) pending_ += '\n';
  return true;
}

void TxtReader::finish() {
  finished_ = true;
  put(pending_.size());
  if (lines_.damage().empty()) return;
  queue_.refuse(BadRecords::Kind::kDamagedFile, lines_.number(), lines_.damage());
}

void TxtReader::put(std::size_t bytes) {
  std::string text = pending_.substr(0, bytes);
  pending_.erase(0, bytes);
  const std::size_t last = text.find_last_not_of('\n');
  if (last == std::string::npos) return;
  text.resize(last + 1);
  queue_.put(std::move(text), first_line_);
  first_line_ = lines_.number();
}

}  // namespace cram::text
