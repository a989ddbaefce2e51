// A hash table of small entries in little more memory than they take: open addressing with linear
// probing, four fifths full at most, in parts that grow one at a time.
//
// An entry needs 1.25 to 1.9 times its size. Entries cannot be removed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "mix.h"

namespace cram::selection {

// Entry is a small struct with key(), a number, and operator==; Entry{} marks an empty slot.
// Several entries may have the same key.
template <class Entry>
class ProbeTable {
 public:
  ProbeTable() = default;
  // With room for so many entries, each in 1.375 times its size.
  explicit ProbeTable(std::size_t entries) {
    for (Part& part : parts_) part.slots.resize(entries * 11 / 8 / parts_.size() + 1);
  }

  // The first entry of this key for which `matches(entry)`; null where there is none.
  template <class Matches>
  [[nodiscard]] const Entry* find(std::uint64_t key, const Matches& matches) const {
    const std::uint64_t hash = mix(key);
    const Slots& slots = part(hash).slots;
    if (slots.empty()) return nullptr;
    for (std::size_t at = home(hash, slots); slots[at] != Entry{}; at = after(at, slots)) {
      if (slots[at].key() == key && matches(slots[at])) return &slots[at];
    }
    return nullptr;
  }

  // The same, to change what is not its key.
  template <class Matches>
  [[nodiscard]] Entry* find(std::uint64_t key, const Matches& matches) {
    return const_cast<Entry*>(std::as_const(*this).find(key, matches));
  }

  // Has the memory fetched at which find() and insert() will look for this key.
  void prefetch(std::uint64_t key) const {
    const std::uint64_t hash = mix(key);
    const Slots& slots = part(hash).slots;
    if (!slots.empty()) __builtin_prefetch(&slots[home(hash, slots)]);
  }

  void insert(const Entry& entry) {
    const std::uint64_t hash = mix(entry.key());
    Part& part = parts_[hash >> kPartShift];
    if (5 * (part.used + 1) > 4 * part.slots.size()) grow(part);
    put(entry, part.slots);
    ++part.used;
  }

 private:
  using Slots = std::vector<Entry>;
  struct Part {
    Slots slots;
    std::size_t used = 0;
  };
  static constexpr unsigned kPartBits = 6;
  static constexpr unsigned kPartShift = 64 - kPartBits;

  [[nodiscard]] const Part& part(std::uint64_t hash) const { return parts_[hash >> kPartShift]; }

  [[nodiscard]] static std::size_t home(std::uint64_t hash, const Slots& slots) {
    return static_cast<std::size_t>(
        (static_cast<unsigned __int128>(hash << kPartBits) * slots.size()) >> 64);
  }
  [[nodiscard]] static std::size_t after(std::size_t at, const Slots& slots) {
    return at + 1 == slots.size() ? 0 : at + 1;
  }

  static void put(const Entry& entry, Slots& slots) {
    std::size_t at = home(mix(entry.key()), slots);
    while (slots[at] != Entry{}) at = after(at, slots);
    slots[at] = entry;
  }

  static void grow(Part& part) {
    Slots larger(part.slots.size() + part.slots.size() / 2 + 16);
    for (const Entry& entry : part.slots) {
      if (entry != Entry{}) put(entry, larger);
    }
    part.slots = std::move(larger);
  }

  std::array<Part, std::size_t{1} << kPartBits> parts_;
};

}  // namespace cram::selection
