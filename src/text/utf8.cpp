#include "cram/text/utf8.h"

#include "ascii.h"

namespace cram::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_continuation(unsigned byte) { return (byte & 0xC0) == 0x80; }

// What may follow a lead byte: how many continuation bytes, and the range of the first, which is
// narrower after E0, ED, F0 and F4 (Unicode Standard, table 3-7). No bytes for a non-lead.
struct Tail {
  std::size_t bytes = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
};

Tail tail_after(unsigned lead) {
  if (lead < 0xC2 || lead > 0xF4) return {};
  if (lead < 0xE0) return {.bytes = 1};
  if (lead == 0xE0) return {.bytes = 2, .low = 0xA0};
  if (lead == 0xED) return {.bytes = 2, .high = 0x9F};
  if (lead < 0xF0) return {.bytes = 2};
  if (lead == 0xF0) return {.bytes = 3, .low = 0x90};
  if (lead == 0xF4) return {.bytes = 3, .high = 0x8F};
  return {.bytes = 3};
}

struct Sequence {
  std::size_t bytes;  // of the character or, when malformed, of its maximal part; at least 1
  bool valid;
};

// The sequence that begins with the non-ASCII byte at `at`.
Sequence sequence_at(std::string_view text, std::size_t at) {
  const Tail tail = tail_after(byte_at(text, at));
  if (tail.bytes == 0) return {1, false};
  for (std::size_t i = 1; i <= tail.bytes; ++i) {
    if (at + i == text.size()) return {i, false};
    const unsigned byte = byte_at(text, at + i);
    const bool fits = i == 1 ? byte >= tail.low && byte <= tail.high : is_continuation(byte);
    if (!fits) return {i, false};
  }
  return {tail.bytes + 1, true};
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t at = skip_ascii(text, 0);
  while (at < text.size()) {
    const Sequence sequence = sequence_at(text, at);
    if (!sequence.valid) return at;
    at += sequence.bytes;
    if (at < text.size() && byte_at(text, at) < 0x80) at = skip_ascii(text, at);
  }
  return at;
}

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  while (true) {
    const std::size_t valid = valid_utf8_prefix(text);
    repaired.append(text.substr(0, valid));
    if (valid == text.size()) return repaired;
    repaired.append(kReplacement);
    text.remove_prefix(valid + sequence_at(text, valid).bytes);
  }
}

std::size_t utf8_boundary(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  for (std::size_t back = 0; back <= 3 && back <= at; ++back) {
    const unsigned byte = byte_at(text, at - back);
    if (is_continuation(byte)) continue;
    const bool inside = byte >= 0x80 && sequence_at(text, at - back).bytes > back;
    return inside ? at - back : at;
  }
  return at;
}

}  // namespace cram::text
