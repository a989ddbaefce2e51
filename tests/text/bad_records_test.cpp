#include "cram/text/bad_records.h"

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

namespace cram::text {
namespace {

using Kind = BadRecords::Kind;
using testing::HasSubstr;
using testing::Not;

TEST(BadRecords, SayNothingWhenAllIsWell) {
  BadRecords bad;
  EXPECT_EQ(bad.summary(), "");
  EXPECT_NO_THROW(bad.check(0));
  bad.count_good(10);
  bad.count_short();
  EXPECT_EQ(bad.summary(), "");
  EXPECT_NO_THROW(bad.check(0));
}

TEST(BadRecords, TakeOverWhatWasCountedElsewhere) {
  BadRecords first;
  first.count_good(10);
  first.add(Kind::kBrokenJson, "a.jsonl:17", "unexpected end");
  first.add(Kind::kBrokenJson, "a.jsonl:18", "unexpected end");
  BadRecords second;
  second.count_good(5);
  second.count_short(3);
  for (const char* line : {"1", "2"}) {
    second.add(Kind::kBrokenJson, std::string("b.jsonl:") + line, "unexpected end");
  }
  second.add(Kind::kTooLong, "b.jsonl:9", "a line");
  BadRecords sum;
  sum.add(first.counts());
  sum.add(second.counts());
  EXPECT_EQ(sum.summary(),
            "5 bad records of 23: broken JSON 4 (a.jsonl:17: unexpected end; a.jsonl:18: "
            "unexpected end; b.jsonl:1: unexpected end; …), too long 1 (b.jsonl:9: a line)");
  EXPECT_EQ(sum.good(), 15);
  EXPECT_EQ(sum.skipped_short(), 3);
  EXPECT_EQ(sum.bad(Kind::kBrokenJson), 4);
}

TEST(BadRecords, SumUpKindsAndPlaces) {
  BadRecords bad;
  bad.count_good(1229);
  bad.count_short(2);
  bad.add(Kind::kInvalidUtf8, "b.txt:4", "byte 9 of the text");
  bad.add(Kind::kBrokenJson, "a.jsonl:17", "unexpected end");
  bad.add(Kind::kBrokenJson, "a.jsonl:18", "expected a comma");
  EXPECT_EQ(bad.summary(),
            "3 bad records of 1,234: invalid UTF-8 1 (b.txt:4: byte 9 of the text), "
            "broken JSON 2 (a.jsonl:17: unexpected end; a.jsonl:18: expected a comma)");
  EXPECT_EQ(bad.bad(), 3);
  EXPECT_EQ(bad.bad(Kind::kBrokenJson), 2);
  EXPECT_EQ(bad.bad(Kind::kTooLong), 0);
  EXPECT_EQ(bad.good(), 1229);
  EXPECT_EQ(bad.skipped_short(), 2);
}

TEST(BadRecords, KeepTheFirstPlacesOnly) {
  BadRecords bad;
  for (int line = 1; line <= 1000; ++line) {
    bad.add(Kind::kMissingField, "a:" + std::to_string(line), "none");
  }
  EXPECT_EQ(bad.summary(),
            "1,000 bad records of 1,000: missing text 1,000 (a:1: none; a:2: none; a:3: none; …)");
}

TEST(BadRecords, NameEveryKind) {
  BadRecords bad;
  for (int kind = 0; kind < BadRecords::kKinds; ++kind) bad.add(static_cast<Kind>(kind), "p", "d");
  for (const char* name : {"invalid UTF-8", "NUL character", "broken JSON", "missing text",
                           "damaged file", "too long"}) {
    EXPECT_THAT(bad.summary(), HasSubstr(std::string(name) + " 1 (p: d)"));
  }
}

TEST(BadRecords, MakeHostileTextFitForOneLine) {
  BadRecords bad;
  bad.add(Kind::kMissingField, "evil\nname\x1B[31m:1", std::string(5000, 'x') + "\n");
  bad.add(Kind::kMissingField, "b:1", "\xFF\xC3");
  EXPECT_THAT(bad.summary(), HasSubstr("evil?name?[31m:1: xxxx"));
  EXPECT_THAT(bad.summary(), HasSubstr("x…; b:1: \xEF\xBF\xBD\xEF\xBF\xBD"));
  EXPECT_LT(bad.summary().size(), 300U);
}

TEST(BadRecords, CheckTheirShareOfAllRecords) {
  BadRecords bad;
  bad.count_good(98);
  bad.count_short(1);
  bad.add(Kind::kBrokenJson, "a:1", "b");
  EXPECT_NO_THROW(bad.check(0.01));
  EXPECT_NO_THROW(bad.check(1));
  try {
    bad.check(0.0099);
    FAIL() << "1 % passed as 0.99 %";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_STREQ(error.what(), "1 bad record of 100: broken JSON 1 (a:1: b); allowed are 0.99 %");
    EXPECT_THAT(error.hint(), HasSubstr("max_bad_share"));
  }
  EXPECT_THROW(bad.check(0), Error);
}

TEST(BadRecords, CheckEarlyOnlyAfterEnoughRecords) {
  BadRecords bad;
  bad.add(Kind::kBrokenJson, "a:1", "b");
  bad.count_good(BadRecords::kEarlyRecords - 2);
  EXPECT_NO_THROW(bad.check_early(0));
  bad.count_good();
  EXPECT_THROW(bad.check_early(0), Error);
  EXPECT_NO_THROW(bad.check_early(0.001));
}

TEST(BadRecords, CountFromManyThreads) {
  BadRecords bad;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&bad] {
        for (int i = 0; i < 5000; ++i) {
          bad.add(Kind::kTooLong, "a:1", "long");
          bad.count_good();
          (void)bad.summary();
        }
      });
    }
  }
  EXPECT_EQ(bad.bad(), 20'000);
  EXPECT_EQ(bad.bad(Kind::kTooLong), 20'000);
  EXPECT_EQ(bad.good(), 20'000);
}

TEST(BadRecords, ShareCountsBetweenCopies) {
  BadRecords bad;
  const BadRecords copy = bad;
  bad.count_good();
  EXPECT_EQ(copy.good(), 1);
}

}  // namespace
}  // namespace cram::text
