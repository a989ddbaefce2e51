#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

TEST(AddScaled, AgreesWithItsTwin) {
  for (const double scale : {0.0, 0.3, -2.0}) {
    expect_twins([&](const Tensors& x,
                     const WeightList& w) { return Tensors{add_scaled(x[0], x[1], w[0])}; },
                 [&](const Tensors& x) { return Tensors{reference::add_scaled(x[0], x[1], x[2])}; },
                 {random({2, 5, 8}, 1), random({2, 5, 8}, 2)},
                 {at::full({1, 1}, scale, at::kDouble)});
  }
}

TEST(AddScaled, RefusesOtherShapes) {
  const auto scale = make_weight("s", WeightRole::kGain, at::full({1, 1}, 0.5), at::kFloat);
  EXPECT_ANY_THROW((void)add_scaled(at::zeros({2, 5, 8}), at::zeros({1, 5, 8}), scale));
}

}  // namespace
}  // namespace cram::ops
