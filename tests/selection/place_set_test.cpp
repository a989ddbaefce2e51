#include "../../src/selection/place_set.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "selection/planted_text.h"

namespace cram::selection {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PlaceSet empty_set(std::uint64_t places) {
  return {places, std::filesystem::temp_directory_path()};
}

std::vector<Span> spans(const PlaceSet& set, const Span& within) {
  std::vector<Span> all;
  set.for_each_span(within, [&](const Span& span) { all.push_back(span); });
  return all;
}

TEST(PlaceSet, HasWhatWasAddedAndNotRemoved) {
  PlaceSet set = empty_set(1000);
  EXPECT_THAT(spans(set, {0, 1000}), IsEmpty());
  set.add(3);
  set.add(Span{60, 200});
  set.remove(Span{64, 128});
  set.remove(Span{130, 131});
  EXPECT_THAT(spans(set, {0, 1000}),
              ElementsAre(Span{3, 4}, Span{60, 64}, Span{128, 130}, Span{131, 200}));
  EXPECT_THAT(spans(set, {62, 129}), ElementsAre(Span{62, 64}, Span{128, 129}));
  EXPECT_THAT(spans(set, {4, 60}), IsEmpty());
  EXPECT_EQ(set.size(), 1U + 4 + 2 + 69);
  EXPECT_TRUE(set.has(199));
  EXPECT_FALSE(set.has(200));
}

TEST(PlaceSet, IsThatOfARowOfBits) {
  Random random = test::text_random(51);
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t places = 1 + random.below(300);
    PlaceSet set = empty_set(places);
    std::string expected(places, '.');
    for (int change = 0; change < 6; ++change) {
      const std::uint64_t begin = random.below(static_cast<std::uint32_t>(places));
      const Span span = {begin, begin + random.below(static_cast<std::uint32_t>(places - begin))};
      const bool adds = random.below(2) == 0;
      adds ? set.add(span) : set.remove(span);
      expected.replace(begin, span.end - begin, span.end - begin, adds ? 'x' : '.');
    }
    std::string found(places, '.');
    for (const Span& span : spans(set, {0, places})) {
      ASSERT_LT(span.begin, span.end);
      found.replace(span.begin, span.end - span.begin, span.end - span.begin, 'x');
    }
    ASSERT_EQ(found, expected);
    const std::uint64_t middle = random.below(static_cast<std::uint32_t>(places));
    std::vector<std::uint64_t> members;
    set.for_each({middle, places}, [&](std::uint64_t place) { members.push_back(place); });
    ASSERT_EQ(members.size(), std::count(expected.begin() + middle, expected.end(), 'x'));
    for (const std::uint64_t place : members) ASSERT_EQ(expected[place], 'x');
    ASSERT_EQ(set.next(middle, places), std::min(expected.find('x', middle), places));
  }
}

TEST(PlaceSet, IsChangedByManyThreads) {
  PlaceSet set = empty_set(64 * 1000);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&set, thread] {
      for (std::uint64_t place = thread; place < 64 * 1000; place += 4) set.add(place);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(set.size(), 64U * 1000);
}

}  // namespace
}  // namespace cram::selection
