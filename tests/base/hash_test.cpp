#include "cram/base/hash.h"

#include <gtest/gtest.h>

namespace cram {
namespace {

TEST(Hash64, GivesThePublishedValueOfTheEmptyInput) {
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2ULL);  // XXH3_64bits of nothing, seed 0
}

TEST(Hasher, DoesNotCareHowTheBytesArrive) {
  const std::string text(100'000, 'q');
  Hasher hasher;
  for (std::size_t at = 0, piece = 1; at < text.size(); at += piece, piece = piece * 2 + 1) {
    hasher.add(std::string_view(text).substr(at, piece));
  }
  EXPECT_EQ(hasher.value(), hash64(text));
}

TEST(Hex64, PadsToSixteenDigits) {
  EXPECT_EQ(hex64(0xabc), "0000000000000abc");
  EXPECT_EQ(hex64(~0ULL), "ffffffffffffffff");
}

}  // namespace
}  // namespace cram
