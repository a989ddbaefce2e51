#include "../../src/selection/anchors.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "selection/planted_text.h"

namespace cram::selection {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string random_text(std::size_t size, std::uint32_t letters, Random& random) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(random.below(letters));
  return text;
}

std::vector<Anchor> all_anchors(std::string_view document, std::size_t length) {
  std::vector<Anchor> anchors;
  find_anchors(document, length, [&](const Anchor& anchor) { anchors.push_back(anchor); });
  return anchors;
}

TEST(Anchors, AreNoneInWhatIsTooShort) {
  EXPECT_THAT(all_anchors("", 1), IsEmpty());
  EXPECT_THAT(all_anchors("abcd", 5), IsEmpty());
  EXPECT_THAT(all_anchors("abcde", 5), SizeIs(1));
}

TEST(Anchors, AreFoundSoonWhereAllBytesAreEqual) {
  constexpr std::size_t kBytes = 1 << 22;
  EXPECT_THAT(all_anchors(std::string(kBytes, 'a'), 1 << 20), SizeIs(kBytes - (1 << 20) + 1));
}

TEST(Anchors, StandForEachRunWhereverItStands) {
  Random random = test::text_random(41);
  for (int round = 0; round < 300; ++round) {
    const std::size_t length = 1 + random.below(90);
    const std::uint32_t letters = round % 2 == 0 ? 2 : 250;
    const std::string text = random_text(length + random.below(300), letters, random);
    const std::vector<Anchor> anchors = all_anchors(text, length);
    ASSERT_LE(anchors.back().place + anchor_bytes(length), text.size());
    std::size_t next = 0;
    for (std::size_t begin = 0; begin + length <= text.size(); ++begin) {
      if (next < anchors.size() && anchors[next].first == begin) ++next;
      ASSERT_GT(next, 0U);
      const auto alone = all_anchors(std::string_view(text).substr(begin, length), length);
      ASSERT_THAT(alone, SizeIs(1));
      ASSERT_EQ(anchors[next - 1].place, begin + alone[0].place)
          << length << " bytes from " << begin;
    }
    ASSERT_EQ(next, anchors.size());
  }
}

TEST(Anchors, AreFew) {
  Random random = test::text_random(42);
  constexpr std::size_t kBytes = 200'000;
  const auto found = static_cast<double>(all_anchors(random_text(kBytes, 250, random), 75).size());
  const double expected = 2.0 * kBytes / static_cast<double>(anchors_in(75) + 1);
  EXPECT_NEAR(found / expected, 1, 0.05);
}

}  // namespace
}  // namespace cram::selection
