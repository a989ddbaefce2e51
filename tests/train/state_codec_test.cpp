#include "cram/train/state_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

namespace cram::train {
namespace {

TEST(Scalars, AreReadBackExactly) {
  const SavedScalars scalars{{3, 24, 384, Seconds(0.1 + 0.2)}, 0.7, 1, R"({"threads":2})"};
  const SavedScalars read = decode_scalars(encode_scalars(scalars));
  EXPECT_EQ(read.position, scalars.position);
  EXPECT_EQ(read.validated_share, 0.7);
  EXPECT_EQ(read.skipped_updates, 1);
  EXPECT_EQ(read.environment, scalars.environment);
}

TEST(Scalars, AreRefusedWhenTheyAreBroken) {
  for (const char* text : {"", "{", "[]", "{}", R"({"step":"x"})", "null"}) {
    EXPECT_THROW((void)decode_scalars(text), Error) << text;
  }
}

TEST(EnvironmentDifferences, NameWhatChanged) {
  EXPECT_EQ(
      environment_differences(R"({"threads":2,"torch":"2.11"})", R"({"threads":1,"torch":"2.11"})"),
      "threads 2 -> 1");
  EXPECT_EQ(environment_differences("{}", "{}"), "");
}

}  // namespace
}  // namespace cram::train
