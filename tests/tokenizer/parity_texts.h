// Texts on which cram's tokenizers are compared with others.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cram/base/random.h"
#include "cram/text/utf8.h"

namespace cram::tokenizer::test {

inline constexpr const char* kNoOracle =
    "CRAM_PYTHON names no Python with tokenizers and transformers";

// A file of the shared data, which may not be there.
inline std::filesystem::path shared(const std::string& name) {
  return std::filesystem::path(CRAM_SHARED_DIR) / "data" / name;
}

// Some lines of each kind of real text there is.
inline std::vector<std::string> real_lines(std::size_t lines) {
  std::vector<std::string> texts;
  for (const char* name :
       {"wikitext-2/test.txt", "glue/CoLA/train.tsv", "glue/MRPC/msr_paraphrase_train.txt",
        "glue/diagnostic/diagnostic.tsv", "glue/RTE/train.tsv", "tokenizers/botchan.txt"}) {
    std::ifstream file(shared(name));
    std::string line;
    for (std::size_t i = 0; i < lines && std::getline(file, line); ++i) {
      texts.push_back(text::repair_utf8(line));
    }
  }
  return texts;
}

// Mixtures of what makes normalisers stumble, different from the kept answers for each seed.
inline std::vector<std::string> hostile_texts(std::uint64_t seed, int count) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kRanges[] = {
      {0x0000, 0x007F},   {0x0061, 0x007A},   {0x0061, 0x007A},   {0x0080, 0x024F},
      {0x0300, 0x036F},   {0x0370, 0x03FF},   {0x0400, 0x052F},   {0x0590, 0x06FF},
      {0x0900, 0x0DFF},   {0x0E00, 0x0FFF},   {0x1100, 0x11FF},   {0x1AB0, 0x1AFF},
      {0x1B00, 0x1BFF},   {0x1C80, 0x1CFF},   {0x1E00, 0x1FFF},   {0x2000, 0x206F},
      {0x20D0, 0x20FF},   {0x2200, 0x22FF},   {0x3000, 0x30FF},   {0x4E00, 0x4E10},
      {0xA640, 0xA9FF},   {0xAC00, 0xAC40},   {0xE000, 0xE010},   {0xF900, 0xFAFF},
      {0xFB00, 0xFDFF},   {0xFE00, 0xFE2F},   {0xFFF0, 0xFFFF},   {0x10D00, 0x10D8F},
      {0x11000, 0x114FF}, {0x16EA0, 0x16EBF}, {0x1D150, 0x1D1FF}, {0x1E000, 0x1E95F},
      {0x1F3FB, 0x1F64F}, {0x2F800, 0x2FA1F}, {0xE0000, 0xE01FF}, {0x10FFF0, 0x10FFFF}};
  const auto append = [](char32_t code, std::string& text) {
    const nlohmann::json escaped = nlohmann::json::parse([&] {
      const auto unit = [](char32_t value) {
        std::string digits = "0000";
        for (int i = 3; i >= 0; --i, value >>= 4) {
          digits[static_cast<std::size_t>(i)] = "0123456789abcdef"[value & 15];
        }
        return "\\u" + digits;
      };
      if (code < 0x10000) return '"' + unit(code) + '"';
      return '"' + unit(0xD800 + ((code - 0x10000) >> 10)) + unit(0xDC00 + (code & 0x3FF)) + '"';
    }());
    text += escaped.get<std::string>();
  };
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) {
    Random random(seed, RandomStream::kSample, static_cast<std::uint64_t>(i));
    std::string text;
    const Range* range = kRanges;
    for (std::uint32_t length = random.below(40); length > 0; --length) {
      if (random.below(2) == 0) range = kRanges + random.below(std::size(kRanges));
      append(range->first + random.below(range->last - range->first + 1), text);
      if (random.below(10) == 0) text += ' ';
    }
    texts.push_back(text);
  }
  return texts;
}

}  // namespace cram::tokenizer::test
