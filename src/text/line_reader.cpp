#include "cram/text/line_reader.h"

#include <algorithm>
#include <cstring>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

namespace cram::text {
namespace {

constexpr std::size_t kFirstBuffer = 256 << 10;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16Marks[] = {"\xFF\xFE", "\xFE\xFF"};

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::string name, std::size_t max_piece)
    : source_(std::move(source)),
      name_(std::move(name)),
      max_piece_(std::max<std::size_t>(max_piece, 1)),
      buffer_(std::min(max_piece_, kFirstBuffer) + kUtf8Mark.size(), '\0') {}

std::optional<LineReader::Line> LineReader::next() {
  if (!started_) drop_byte_order_mark();
  const bool starts_line = !continues_;
  std::optional<Line> line;
  while (!(line = take_line()) && !(line = take_long_piece())) {
    if (fill()) continue;
    line = take_rest();
    break;
  }
  if (line && starts_line) ++number_;
  return line;
}

std::optional<LineReader::Line> LineReader::take_line() {
  if (after_carriage_return_ && begin_ < end_) {
    if (buffer_[begin_] == '\n') ++begin_;
    after_carriage_return_ = false;
  }
  const std::size_t at = std::min(find(newline_), find(carriage_return_));
  if (at == kNowhere || at - begin_ > max_piece_) return std::nullopt;
  after_carriage_return_ = buffer_[at] == '\r';
  const Line line = take_piece(at - begin_, End::kLine);
  ++begin_;
  return line;
}

LineReader::Line LineReader::take_piece(std::size_t size, End end) {
  const std::string_view text(buffer_.data() + begin_, size);
  begin_ += size;
  continues_ = end == End::kContinues;
  return {.text = text, .end = end};
}

std::optional<LineReader::Line> LineReader::take_long_piece() {
  if (end_ - begin_ <= max_piece_) return std::nullopt;
  return take_piece(max_piece_, End::kContinues);
}

std::optional<LineReader::Line> LineReader::take_rest() {
  if (begin_ == end_ && !continues_) return std::nullopt;
  return take_piece(end_ - begin_, damage().empty() ? End::kLine : End::kDamaged);
}

std::size_t LineReader::find(Mark& mark) {
  if (mark.at != kNowhere && mark.at >= begin_) return mark.at;
  const std::size_t from = std::max(begin_, mark.searched);
  const void* const found = std::memchr(buffer_.data() + from, mark.byte, end_ - from);
  mark.at = found == nullptr
                ? kNowhere
                : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
  mark.searched = found == nullptr ? end_ : mark.at + 1;
  return mark.at;
}

bool LineReader::fill() {
  interrupt::throw_if_stopped();
  make_room();
  const std::size_t got = source_->read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  return got > 0;
}

// Moves what is left to the front, and doubles the buffer when that is not enough.
void LineReader::make_room() {
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  for (Mark* const mark : {&newline_, &carriage_return_}) {
    mark->searched -= std::min(begin_, mark->searched);
    if (mark->at != kNowhere) mark->at = mark->at >= begin_ ? mark->at - begin_ : kNowhere;
  }
  end_ -= begin_;
  begin_ = 0;
  if (end_ > buffer_.size() / 2) buffer_.resize(buffer_.size() * 2);
}

void LineReader::drop_byte_order_mark() {
  started_ = true;
  while (end_ < kUtf8Mark.size() && fill()) {
  }
  const std::string_view start(buffer_.data(), end_);
  for (const std::string_view mark : kUtf16Marks) {
    if (start.starts_with(mark)) {
      throw Error(ErrorCode::kData, name_ + " is UTF-16 text, not UTF-8",
                  "convert it, for example with iconv -f UTF-16 -t UTF-8");
    }
  }
  if (start.starts_with(kUtf8Mark)) begin_ = kUtf8Mark.size();
}

}  // namespace cram::text
