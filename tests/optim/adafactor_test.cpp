#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "rule_oracle.h"

namespace cram::optim {
namespace {

// Algorithms 4 and 5 of Shazeer & Stern 2018, in their sums: V = R C / (1^T R).
struct AdafactorOracle {
  AdafactorOracle(const recipe::Optimizer& given, const ops::Weight& weight, at::Tensor start)
      : value(std::move(start)), options(given), decay(decays(weight) ? given.weight_decay : 0.0) {
    const bool matrix = value.dim() == 2;
    rows = matrix ? at::zeros({value.size(0), 1}, at::kDouble) : at::zeros_like(value);
    if (matrix) columns = at::zeros({1, value.size(1)}, at::kDouble);
  }

  void step(const at::Tensor& gradient, double factor) {
    ++t;
    const double beta2 = 1 - std::pow(t, -0.8), rate = options.learning_rate * factor;
    const auto square = gradient.square().add(1e-30);
    at::Tensor expected;
    if (columns.defined()) {
      rows = rows.mul(beta2).add(square.sum(1, true).mul(1 - beta2));
      columns = columns.mul(beta2).add(square.sum(0, true).mul(1 - beta2));
      expected = rows.mm(columns).div(rows.sum());
    } else {
      rows = rows.mul(beta2).add(square.mul(1 - beta2));
      expected = rows;
    }
    at::Tensor direction = gradient.div(expected.sqrt());
    direction = direction.div(std::max(1.0, root_mean_square(direction)));
    const double size = std::max(1e-3, root_mean_square(value));
    value = value.mul(1 - rate * decay).sub(direction.mul(size * rate));
  }

  static double root_mean_square(const at::Tensor& x) {
    return std::sqrt(x.square().mean().item<double>());
  }

  at::Tensor value, rows, columns;
  recipe::Optimizer options;
  double decay;
  int t = 0;
};

TEST(Adafactor, FollowsItsDefinition) {
  expect_follows<AdafactorOracle>(
      {.type = recipe::OptimizerType::kAdafactor, .learning_rate = 3e-2, .weight_decay = 0.3});
}

// torch.optim.Adafactor(lr=0.01, weight_decay=0.1) of PyTorch 2.11 from arange(6)/10 - 0.2 with
// gradients sin(6*update + i + 1), three updates.
TEST(Adafactor, AgreesWithPyTorch) {
  recipe::Optimizer options{.type = recipe::OptimizerType::kAdafactor, .learning_rate = 0.01};
  options.weight_decay = 0.1;
  options.clip_norm = 0.0;
  const auto fill = [](const at::Tensor& t, const auto& f) {
    for (int i = 0; i < 6; ++i) t.view(-1).data_ptr<float>()[i] = static_cast<float>(f(i));
  };
  const auto weight =
      ops::make_weight("w", ops::WeightRole::kHiddenMatrix, at::zeros({2, 3}), at::kFloat);
  fill(weight->master, [](int i) { return i / 10.0 - 0.2; });
  const auto optimizer = make_optimizer(options, {weight});
  for (int update = 0; update < 3; ++update) {
    fill(weight->grad, [&](int i) { return std::sin(6 * update + i + 1); });
    (void)optimizer->step({});
  }
  const std::vector<double> expected = {-0.2041867, -0.1049971, -0.0050826,
                                        0.1035995,  0.2047425,  0.3061542};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(weight->master.data_ptr<float>()[i], expected[i], 1e-6) << i;
  }
}

// Output matrices may start as zeros (model.zero_init_output): they count as of size 1e-3. And a
// gradient a hundred times as large as before moves no further than one of the usual size.
TEST(Adafactor, MovesZerosALittleAndClipsItsUpdates) {
  recipe::Optimizer options{.type = recipe::OptimizerType::kAdafactor, .learning_rate = 0.5};
  options.weight_decay = options.clip_norm = 0.0;
  const auto weight =
      ops::make_weight("w", ops::WeightRole::kHiddenMatrix, at::zeros({4, 4}), at::kFloat);
  const auto optimizer = make_optimizer(options, {weight});
  for (int update = 0; update < 10; ++update) {
    weight->grad.fill_(update == 9 ? 1.0 : 0.01);
    const at::Tensor before = weight->master.clone();
    const double size = std::max(1e-3, AdafactorOracle::root_mean_square(before));
    (void)optimizer->step({});
    const at::Tensor step = before.sub(weight->master);
    EXPECT_NEAR(AdafactorOracle::root_mean_square(step), 0.5 * size, 1e-3 * size) << update;
  }
}

}  // namespace
}  // namespace cram::optim
