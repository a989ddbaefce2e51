// A trie over bytes in a double array (Aoe, "An efficient digital search algorithm by using a
// double-array structure", 1989): one addition and one comparison a byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cram::tokenizer {

// Two sets of keys with values in one array: those that begin a word and those that continue one.
class DoubleArray {
 public:
  using Entry = std::pair<std::string_view, std::uint32_t>;
  struct Match {
    std::size_t length = 0;  // 0: no key begins the text
    std::uint32_t value = 0;
  };
  enum class Root : std::uint32_t { kBeginning = 0, kContinuing = 1 };

  // The keys of each set are different from each other and not empty; the order does not matter.
  DoubleArray(std::vector<Entry> beginning, std::vector<Entry> continuing);

  // The longest key that begins the text.
  [[nodiscard]] Match longest_match(Root root, std::string_view text) const {
    Match match;
    auto state = static_cast<std::uint32_t>(root);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::uint32_t next = units_[state].base + static_cast<unsigned char>(text[i]);
      if (units_[next].parent != state) break;
      state = next;
      if (units_[state].value != kNoValue) match = {i + 1, units_[state].value};
    }
    return match;
  }

 private:
  class Builder;

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kNoValue = 0xFFFFFFFF;
  struct Unit {
    std::uint32_t base = 0;        // where the children begin
    std::uint32_t parent = kNone;  // kNone: free
    std::uint32_t value = kNoValue;
  };

  std::vector<Unit> units_;  // always 256 longer than the last base
};

}  // namespace cram::tokenizer
