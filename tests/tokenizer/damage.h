// Damaged tokenizer files.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "cram/base/random.h"

#include "tokenizer/tokenizer_files.h"

namespace cram::tokenizer::test {

// Damages a file in a random place or two.
inline std::string mutated(std::string content, Random& random) {
  const std::uint32_t changes = 1 + random.below(3);
  for (std::uint32_t i = 0; i < changes && !content.empty(); ++i) {
    const std::size_t at = random.below(static_cast<std::uint32_t>(content.size()));
    switch (random.below(4)) {
      case 0:
        content[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        content.erase(at, 1 + random.below(20));
        break;
      case 2:
        content.insert(at,
                       content.substr(random.below(static_cast<std::uint32_t>(content.size())), 9));
        break;
      default:
        content.resize(at);
        break;
    }
  }
  return content;
}

inline void expect_tokenizer_or_data_error(const std::filesystem::path& path) {
  try {
    const auto tokenizer = load_tokenizer(path, {});
    for (const TokenId id : tokenizer->encode("[MASK] cats \u00e9\u4e2d. cat\u0301s\x01")) {
      ASSERT_LT(id, tokenizer->vocab_size());
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
  }
}

// Damages the file three hundred times; each time the tokenizer of which it is a part is read, or
// refused with an Error{kData}.
inline void expect_to_survive_damage(const std::filesystem::path& path,
                                     const std::filesystem::path& tokenizer) {
  const std::string content = read(path);
  Random random(1, RandomStream::kSample, content.size());
  for (int i = 0; i < 300; ++i) {
    write(path, mutated(content, random));
    expect_tokenizer_or_data_error(tokenizer);
  }
  write(path, content);
}

inline void expect_to_survive_damage(const std::filesystem::path& tokenizer) {
  expect_to_survive_damage(tokenizer, tokenizer);
}

}  // namespace cram::tokenizer::test
