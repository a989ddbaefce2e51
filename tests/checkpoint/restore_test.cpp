#include "cram/checkpoint/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"

namespace cram::checkpoint {
namespace {

using testing::HasSubstr;

void expect_refused(const NamedTensors& saved, const NamedTensors& live,
                    const std::string& because) {
  try {
    restore(saved, live, "weights.safetensors");
    ADD_FAILURE() << "restored in spite of: " << because;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("weights.safetensors"));
    EXPECT_THAT(error.what(), HasSubstr(because));
  }
}

TEST(Restore, CopiesByNameIntoTheSameStorage) {
  const auto a = at::zeros({2}), b = at::zeros({}, at::kLong);
  restore({{"b", at::full({}, 7, at::kLong)}, {"a", at::full({2}, 1.5, at::kHalf)}},
          {{"a", a}, {"b", b}}, "file");
  EXPECT_EQ(a.sum().item<float>(), 3.0F);
  EXPECT_EQ(b.item<int>(), 7);
}

TEST(Restore, ReachesTheMastersOfWeights) {
  const auto weight =
      ops::make_weight("w", ops::WeightRole::kHead, at::zeros({2, 2}), at::kBFloat16);
  restore({{"w", at::full({2, 2}, 3.0)}}, masters({weight}), "file");
  EXPECT_EQ(weight->master.sum().item<float>(), 12.0F);
}

TEST(Restore, NamesTheDifferencesAndCopiesNothing) {
  const auto a = at::zeros({2}), b = at::zeros({3});
  const NamedTensors live = {{"a", a}, {"b", b}};
  const auto one = [](std::int64_t size) { return at::full({size}, 1.0); };
  expect_refused({{"a", one(2)}}, live, "b is missing");
  expect_refused({{"a", one(2)}, {"b", one(3)}, {"c", one(1)}}, live, "c is not known");
  expect_refused({{"a", one(2)}, {"b", one(4)}}, live, "b is Float [4] instead of Float [3]");
  expect_refused({{"a", one(2)}, {"b", at::zeros({3}, at::kLong)}}, live, "Long [3]");
  NamedTensors many;
  for (char name = 'p'; name < 'z'; ++name) many.emplace_back(std::string(1, name), one(1));
  expect_refused(many, live, "in 12 tensors");
  EXPECT_EQ(a.sum().item<float>() + b.sum().item<float>(), 0.0F);
}

}  // namespace
}  // namespace cram::checkpoint
