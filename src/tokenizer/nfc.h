// Normalization form C, with the canonical compositions of Unicode 10.0 (see character.h).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cram::tokenizer {

class Nfc {
 public:
  Nfc();

  // The normal form of `text`: the text itself where it is in it already, or else in `buffer`.
  [[nodiscard]] std::string_view normalize(std::string_view text, std::string& buffer) const;

 private:
  // The composite of two characters, or 0.
  [[nodiscard]] char32_t composite(char32_t first, char32_t second) const;
  [[nodiscard]] std::u32string composed(std::u32string_view decomposed) const;
  [[nodiscard]] bool is_inert(char32_t code) const { return code >= inert_.size() || inert_[code]; }
  void add_composite(char32_t code, std::u32string_view decomposed);
  void find_inert();

  std::unordered_map<std::uint64_t, char32_t> composites_;
  // Stays as it is, whatever stands beside it that is inert too.
  std::vector<bool> inert_;
};

}  // namespace cram::tokenizer
