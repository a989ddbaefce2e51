// Replace of a tokenizer.json: what matches a pattern becomes something else.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "character_tables.h"

namespace cram::tokenizer {

// A pattern is a string, or a regular expression that is a row of characters, or one character or
// class ([^\x00-\x7F], \s) that may be repeated (+, {2,}).
class Replacement {
 public:
  // Throws Error{kData}, with `name` in it, for another pattern.
  Replacement(const nlohmann::json& part, const std::string& name);

  [[nodiscard]] std::u32string apply(std::u32string_view text) const;

 private:
  class Parser;

  // One of the characters of these ranges, or, negated, one of all others.
  struct Characters {
    std::vector<CodePointRange> ranges;
    bool is_negated = false;

    [[nodiscard]] bool contain(char32_t code) const;
  };

  // The length of the match at the beginning of a text; 0 when there is none.
  [[nodiscard]] std::size_t match(std::u32string_view text) const;

  std::vector<Characters> row_;
  std::size_t least_ = 1, most_ = 1;  // how often the only one of a row
  std::u32string content_;
};

}  // namespace cram::tokenizer
