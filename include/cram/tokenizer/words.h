// Where the words of a text stand.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cram::tokenizer {

// Bytes [begin, end) of a text.
struct ByteRange {
  std::size_t begin = 0, end = 0;
  bool operator==(const ByteRange&) const = default;
};

// The words of a text: runs of bytes without white space or ASCII punctuation, and punctuation
// marks one by one.
[[nodiscard]] std::vector<ByteRange> split_words(std::string_view text);

// `range` without the ASCII white space at its ends.
[[nodiscard]] ByteRange trimmed(std::string_view text, ByteRange range);

}  // namespace cram::tokenizer
