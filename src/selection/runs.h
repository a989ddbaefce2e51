// All runs of so many bytes in documents, with a hash of each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cram/base/interrupt.h"
#include "cram/selection/repeats.h"

#include "mix.h"

namespace cram::selection {

// A run of bytes: its hash, and where it stands. An entry of a ProbeTable.
struct Run {
  std::uint64_t hash = 0;
  std::uint64_t place = 0;  // of the first byte, from 1
  [[nodiscard]] std::uint64_t key() const { return hash; }
  bool operator==(const Run&) const = default;
};

// A polynomial of the bytes, modulo 2^64 (Karp & Rabin 1987, "Efficient randomized pattern-matching
// algorithms"). Its high bits hang on all of the bytes, its low ones on the last alone.
class RollingHash {
 public:
  explicit RollingHash(std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) power_ *= kBase;
  }
  [[nodiscard]] static std::uint64_t of(std::string_view bytes) {
    std::uint64_t hash = 0;
    for (const char byte : bytes) hash = hash * kBase + number(byte);
    return hash;
  }
  // One byte further on.
  [[nodiscard]] std::uint64_t next(std::uint64_t hash, char out, char in) const {
    return hash * kBase + (number(in) - number(out) * power_);
  }

 private:
  static constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15;  // odd; its powers look random

  static std::uint64_t number(char byte) { return static_cast<unsigned char>(byte) + 1ULL; }

  std::uint64_t power_ = 1;
};

// Calls `visit(span)` for each document, without its end.
template <class Visit>
void for_each_document(std::string_view text, const Visit& visit) {
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    interrupt::throw_if_stopped();
    end = std::min(text.find(kDocumentEnd, begin), text.size());
    visit(Span{.begin = begin, .end = end});
  }
}

// Calls `visit(run)` for each run of `length` bytes that lies in one document and in `part`.
template <class Visit>
void for_each_run(std::string_view text, const Span& part, std::size_t length, const Visit& visit) {
  const RollingHash rolling(length);
  const std::string_view in_part = text.substr(part.begin, part.end - part.begin);
  for_each_document(in_part, [&](const Span& document) {
    if (document.end - document.begin < length) return;
    const char* byte = in_part.data() + document.begin;
    std::uint64_t hash = RollingHash::of({byte, length});
    const std::uint64_t last = part.begin + document.end - length + 1;
    for (std::uint64_t place = part.begin + document.begin + 1;; ++place, ++byte) {
      visit(Run{.hash = hash, .place = place});
      if (place == last) break;
      hash = rolling.next(hash, byte[0], byte[length]);
    }
  });
}

// Hashes of a part of all there are. They have nothing to do with those of a ProbeTable: each part
// fills a table evenly.
struct HashRange {
  std::uint64_t begin = 0;  // of 32 bits of a hash
  std::uint64_t end = std::uint64_t{1} << 32;
  [[nodiscard]] bool holds(std::uint64_t hash) const {
    const std::uint64_t bits = mix(hash) & 0xFFFFFFFF;
    return begin <= bits && bits < end;
  }
};

}  // namespace cram::selection
