#include "cram/ops/recompute.h"

#include <new>

#include "cram/base/error.h"
#include "cram/ops/functions.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

// A linear layer with dropout behind, and a second result.
TensorFunction layer(const WeightPtr& weight, double p = 0) {
  return [weight, p](const Tensors& in) {
    const at::Tensor y = dropout(linear(in[0], weight), p);
    return Tensors{y, y * in[1]};
  };
}

// Values of two layers, one behind the other, and the gradients of the inputs and of the weight.
Tensors two_layers(double p, bool again) {
  at::manual_seed(5);
  const auto weight = make_weight("w", WeightRole::kHiddenMatrix, random({8, 8}, 1), at::kFloat);
  const auto through = [&](const Tensors& in) {
    return again ? recompute(layer(weight, p), in, p > 0) : layer(weight, p)(in);
  };
  Tensors results =
      values_and_gradients([&](const Tensors& leaves) { return through(through(leaves)); },
                           {random({6, 8}, 2), random({6, 8}, 3)}, at::kFloat);
  results.push_back(weight->grad);
  results.push_back(at::rand({3}));  // what is drawn next
  return results;
}

TEST(Recompute, HasTheBytesOfWhatIsKept) {
  for (const double p : {0.0, 0.4}) {
    const Tensors kept = two_layers(p, false), again = two_layers(p, true);
    ASSERT_EQ(kept.size(), again.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      EXPECT_TRUE(at::equal(kept[i], again[i])) << "result " << i << " with dropout " << p;
    }
    EXPECT_GT(kept.at(4).abs().sum().item<double>(), 0) << "the weight has a gradient";
  }
}

TEST(Recompute, KeepsNothingOfWhatIsBetween) {
  auto between = at::empty({0}).storage().getWeakStorageImpl();
  int calls = 0;
  const TensorFunction function = [&](const Tensors& in) {
    ++calls;
    const at::Tensor squares = in[0] * in[0];
    between = squares.storage().getWeakStorageImpl();
    return Tensors{squares * squares};
  };
  const at::Tensor x = at::full({3}, 2.0).set_requires_grad(true);
  const at::Tensor plain = function({x})[0];
  EXPECT_FALSE(between.expired()) << "autograd keeps it";
  const at::Tensor y = recompute(function, {x})[0];
  EXPECT_TRUE(between.expired());
  EXPECT_EQ(calls, 2);
  y.sum().backward();
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(at::equal(x.grad(), at::full({3}, 32.0)));
}

TEST(Recompute, RunsOnceWhereNoGradientIsRecorded) {
  int calls = 0;
  const TensorFunction function = [&](const Tensors& in) {
    ++calls;
    return Tensors{in[0] * 2};
  };
  const at::Tensor x = at::ones({3});
  EXPECT_FALSE(recompute(function, {x})[0].requires_grad());
  const at::NoGradGuard unrecorded;
  const at::Tensor leaf = at::ones({3}).set_requires_grad(true);
  EXPECT_FALSE(recompute(function, {leaf})[0].requires_grad());
  EXPECT_EQ(calls, 2);
}

TEST(Recompute, TakesAndReturnsWhatIsUndefinedRepeatedOrAnInput) {
  const auto run = [](bool again) {
    const TensorFunction function = [](const Tensors& in) {
      EXPECT_FALSE(in[1].defined());
      const at::Tensor y = in[0] * in[2];
      return Tensors{y, at::Tensor(), y, in[2]};
    };
    const at::Tensor a = at::full({2}, 3.0).set_requires_grad(true);
    const at::Tensor b = at::full({2}, 5.0).set_requires_grad(true);
    const Tensors inputs{a * 1, at::Tensor(), b * 1};
    const Tensors out = again ? recompute(function, inputs) : function(inputs);
    EXPECT_FALSE(out[1].defined());
    EXPECT_TRUE(out[0].is_same(out[2]));
    EXPECT_TRUE(out[3].is_same(inputs[2]));
    (out[0] + 2 * out[2] + 7 * out[3]).sum().backward();
    return Tensors{out[0].detach(), a.grad(), b.grad()};
  };
  const Tensors kept = run(false), again = run(true);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(at::equal(kept[i], again[i])) << i;
  EXPECT_TRUE(at::equal(kept[2], at::full({2}, 16.0)));  // 3 * 3 + 7
}

TEST(Recompute, LeavesResultsThatNobodyUsesAlone) {
  const at::Tensor x = at::full({2}, 3.0).set_requires_grad(true);
  const Tensors out = recompute(
      [](const Tensors& in) {
        return Tensors{in[0] * 2, in[0].detach() * 3, in[0] * 4};
      },
      {x});
  out[2].sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::full({2}, 4.0)));
}

TEST(Recompute, LeavesTheGeneratorAsItIsWhereTheSecondCallFails) {
  int calls = 0;
  const TensorFunction function = [&](const Tensors& in) {
    const at::Tensor y = dropout(in[0], 0.5);
    if (++calls == 2) throw std::bad_alloc();
    return Tensors{y};
  };
  const at::Tensor x = at::ones({3}).set_requires_grad(true);
  at::manual_seed(7);
  const at::Tensor y = recompute(function, {x}, true)[0];
  const at::Tensor state = at::globalContext().defaultGenerator(at::kCPU).get_state();
  EXPECT_THROW(y.sum().backward(), std::bad_alloc);
  EXPECT_TRUE(at::equal(at::globalContext().defaultGenerator(at::kCPU).get_state(), state));
}

TEST(Recompute, RefusesWhatReturnsSomethingElseTheSecondTime) {
  int calls = 0;
  const TensorFunction function = [&](const Tensors& in) {
    const at::Tensor y = in[0] * 2;
    return ++calls == 1 ? Tensors{y, in[0] * 3} : Tensors{y, y};
  };
  const at::Tensor x = at::ones({3}).set_requires_grad(true);
  const Tensors results = recompute(function, {x});
  EXPECT_THROW((results[0] + results[1]).sum().backward(), Error);
}

// A view of a tensor that is made inside, as the values of the first layer are.
TEST(Recompute, ReturnsViews) {
  const at::Tensor x = random({4, 6}, 1).to(at::kFloat).set_requires_grad(true);
  const at::Tensor y =
      recompute([](const Tensors& in) { return Tensors{(in[0] * in[0]).narrow(1, 2, 2)}; }, {x})[0];
  (y * 1.5).sum().backward();
  at::Tensor expected = at::zeros({4, 6});
  expected.narrow(1, 2, 2).copy_(3 * x.detach().narrow(1, 2, 2));
  EXPECT_LT(relative_error(x.grad(), expected), 1e-6);
}

}  // namespace
}  // namespace cram::ops
