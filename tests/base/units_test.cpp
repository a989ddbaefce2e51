#include "cram/base/units.h"

#include <gtest/gtest.h>

namespace cram {
namespace {

TEST(ParseDuration, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_duration("90s"), Seconds(90));
  EXPECT_EQ(parse_duration("20m"), Seconds(1200));
  EXPECT_EQ(parse_duration("24h"), Seconds(86400));
  EXPECT_EQ(parse_duration("7d"), Seconds(604800));
  EXPECT_EQ(parse_duration("1.5h"), Seconds(5400));
  EXPECT_EQ(parse_duration("1h30m"), Seconds(5400));
  EXPECT_EQ(parse_duration("250ms"), Seconds(0.25));
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text : {"", "24", "h", "-3h", "3 h", "3hours", "1h30", "1e3s", "nan", "inf",
                           "0x10s", "99999999999d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseBytes, KnowsBothFamiliesOfPrefixes) {
  EXPECT_EQ(parse_bytes("123"), 123);
  EXPECT_EQ(parse_bytes("4GiB"), std::int64_t{4} << 30);
  EXPECT_EQ(parse_bytes("10GB"), 10'000'000'000);
  EXPECT_EQ(parse_bytes("1.5MiB"), 1'572'864);
  for (const char* text : {"", "GiB", "1gib", "0.3B", "-1", "9999999TiB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(ParseCount, ReadsPowersOfAThousandThatComeOutWhole) {
  EXPECT_EQ(parse_count("32768"), 32768);
  EXPECT_EQ(parse_count("32k"), 32000);
  EXPECT_EQ(parse_count("1.5M"), 1'500'000);
  EXPECT_EQ(parse_count("4.1M"), 4'100'000);  // not whole in binary floating point
  EXPECT_EQ(parse_count("10B"), 10'000'000'000);
  for (const char* text : {"", "k", "1.0005k", "1_000", "10b", "-5"}) {
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
  }
}

TEST(FormatDuration, IsReadBackToTheSameValue) {
  EXPECT_EQ(format_duration(Seconds(5400)), "1h30m");
  EXPECT_EQ(format_duration(Seconds(0)), "0s");
  for (const double seconds : {0.25, 1.0, 59.999, 3600.0, 86400.0, 90061.5}) {
    EXPECT_EQ(parse_duration(format_duration(Seconds(seconds))), Seconds(seconds)) << seconds;
  }
}

TEST(Format, IsReadable) {
  EXPECT_EQ(format_count(119589889), "119,589,889");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(-1000), "-1,000");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(12), "12 bytes");
  EXPECT_EQ(format_short(4'123'456), "4.12 M");
  EXPECT_EQ(format_short(950), "950");
  EXPECT_EQ(format_short(103'200), "103 k");
  EXPECT_EQ(format_clock(Seconds(3723)), "1:02:03");
  EXPECT_EQ(format_clock(Seconds(123)), "02:03");
}

}  // namespace
}  // namespace cram
