// Lines of a byte stream in bounded memory, each without its end (\n, \r\n or \r).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cram/text/byte_source.h"

namespace cram::text {

// A byte-order mark at the start is dropped. Used by one thread at a time.
class LineReader {
 public:
  enum class End {
    kLine,       // the whole line, or the last piece of a long one
    kContinues,  // the line is longer than max_piece: the next call goes on with it
    kDamaged,    // the stream broke off inside this line
  };
  struct Line {
    std::string_view text;  // valid until the next call
    End end = End::kLine;
  };

  // `name` is how errors call the stream. A line comes in pieces once it exceeds `max_piece` bytes.
  LineReader(std::unique_ptr<ByteSource> source, std::string name, std::size_t max_piece);

  // The next line or piece, then nothing. Throws Error{kData} for UTF-16 text and what the source
  // throws, and Interrupted when a signal asked to stop.
  std::optional<Line> next();

  // The number of the line last returned, from 1.
  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] const std::string& damage() const { return source_->damage(); }
  [[nodiscard]] std::uint64_t bytes_read() const { return source_->bytes_read(); }

 private:
  static constexpr std::size_t kNowhere = std::string::npos;
  // The nearest byte of one value at or after begin_, remembered between calls.
  struct Mark {
    char byte;
    std::size_t searched = 0;  // the buffer was searched up to here
    std::size_t at = kNowhere;
  };

  [[nodiscard]] std::size_t find(Mark& mark);
  [[nodiscard]] std::optional<Line> take_line();
  [[nodiscard]] Line take_piece(std::size_t size, End end);
  [[nodiscard]] std::optional<Line> take_long_piece();
  [[nodiscard]] std::optional<Line> take_rest();
  [[nodiscard]] bool fill();
  void make_room();
  void drop_byte_order_mark();

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::size_t max_piece_;
  std::string buffer_;  // [begin_, end_) is read and not yet returned
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Mark newline_{.byte = '\n'};
  Mark carriage_return_{.byte = '\r'};
  bool after_carriage_return_ = false;  // a \n that comes next belongs to the line before
  bool continues_ = false;              // the last piece did not end its line
  bool started_ = false;
  std::int64_t number_ = 0;
};

}  // namespace cram::text
