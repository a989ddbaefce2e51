#include "../../src/train/state_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"

namespace cram::train {
namespace {

TEST(Scalars, AreReadBackExactly) {
  const SavedScalars scalars{{3, 24, 384, Seconds(0.1 + 0.2)}, 2, 1, R"({"threads":2})"};
  const SavedScalars read = decode_scalars(encode_scalars(scalars));
  EXPECT_EQ(read.position, scalars.position);
  EXPECT_EQ(read.validations_done, 2U);
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

TEST(CopyState, WritesIntoTheTargetsStorage) {
  const at::Tensor target = at::zeros({2, 3});
  copy_state({{"a", at::ones({2, 3})}}, {{"a", target}}, "weights");
  EXPECT_TRUE(at::equal(target, at::ones({2, 3})));
}

TEST(CopyState, RefusesOtherNamesShapesAndTypes) {
  const checkpoint::NamedTensors target = {{"a", at::zeros({2})}};
  const auto refused = [&](const checkpoint::NamedTensors& from) {
    EXPECT_THROW(copy_state(from, target, "weights"), Error);
    EXPECT_TRUE(at::equal(target[0].second, at::zeros({2})));
  };
  refused({});
  refused({{"b", at::ones({2})}});
  refused({{"a", at::ones({3})}});
  refused({{"a", at::ones({2}, at::kDouble)}});
  refused({{"a", at::ones({2})}, {"b", at::ones({2})}});
}

}  // namespace
}  // namespace cram::train
