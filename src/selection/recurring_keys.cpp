#include "recurring_keys.h"

#include <algorithm>

#include "mix.h"

namespace cram::selection {
namespace {

constexpr int kCounters = 4;              // looked at for a key
constexpr std::uint64_t kKeysALine = 20;  // 3.2 bytes a key
constexpr std::uint64_t kTwo = 2;

// Calls `use(word, shift)` for the place of each of a key's counters in its line.
template <class Use>
void for_each_counter(std::uint64_t key, const Use& use) {
  std::uint64_t bits = mix(key);
  for (int i = 0; i < kCounters; ++i, bits >>= 8) use(bits >> 5 & 7, 2 * (bits & 31));
}

}  // namespace

RecurringKeys::RecurringKeys(std::uint64_t keys, std::uint64_t most_bytes)
    : lines_(std::max<std::uint64_t>(
          1, std::min<std::uint64_t>(keys / kKeysALine + 1, most_bytes / sizeof(Line)))) {}

// One more in each counter, up to two, once also where two of the key's counters are the same one.
void RecurringKeys::add(std::uint64_t key) {
  Line& line = lines_[line_of(key)];
  const Line before = line;
  for_each_counter(key, [&](std::uint64_t word, std::uint64_t shift) {
    const std::uint64_t count = before[word] >> shift & 3;
    const std::uint64_t next = count == 0 ? 1 : kTwo;
    line[word] = (line[word] & ~(std::uint64_t{3} << shift)) | next << shift;
  });
}

bool RecurringKeys::may_recur(std::uint64_t key) const {
  const Line& line = lines_[line_of(key)];
  bool all = true;
  for_each_counter(key, [&](std::uint64_t word, std::uint64_t shift) {
    all = all && (line[word] >> shift & 3) == kTwo;
  });
  return all;
}

std::size_t RecurringKeys::line_of(std::uint64_t key) const {
  return static_cast<std::size_t>((static_cast<unsigned __int128>(key) * lines_.size()) >> 64);
}

}  // namespace cram::selection
