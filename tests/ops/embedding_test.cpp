#include "cram/ops/functions.h"

#include "ops/support.h"

namespace cram::ops {
namespace {

using namespace test;

at::Tensor random_ids(at::IntArrayRef shape, std::int64_t below) {
  auto generator = at::detail::createCPUGenerator(5);
  return at::randint(below, shape, generator, at::kLong);
}

TEST(Embedding, AgreesWithItsTwin) {
  for (const std::int64_t width : {1, 20, 256}) {
    for (const auto& shape : {std::vector<std::int64_t>{3, 50}, {1}, {700}}) {
      const at::Tensor ids = random_ids(shape, 11);
      expect_twins(
          [&](const Tensors&, const WeightList& w) { return Tensors{embedding(ids, w[0])}; },
          [&](const Tensors& x) { return Tensors{at::embedding(x[0], ids)}; }, {},
          {random({11, width}, 1)});
    }
  }
}

TEST(Embedding, AddsGradientsOverTwoBackwardPasses) {
  const auto table = make_weight("t", WeightRole::kEmbedding, at::zeros({4, 3}), at::kBFloat16);
  const at::Tensor ids = at::tensor({1, 1, 3}, at::kLong);
  for (int pass = 0; pass < 2; ++pass) {
    embedding(ids, table).backward(at::ones({3, 3}, at::kBFloat16));
  }
  const at::Tensor wanted = at::tensor({0., 4., 0., 2.}).unsqueeze(1).expand({4, 3});
  EXPECT_TRUE(at::equal(table->grad, wanted.to(at::kFloat)));
}

TEST(Embedding, RefusesIdsOutsideTheTable) {
  const auto table = make_weight("t", WeightRole::kEmbedding, at::zeros({4, 3}), at::kFloat);
  EXPECT_ANY_THROW(static_cast<void>(embedding(at::tensor({4}, at::kLong), table)));
  EXPECT_ANY_THROW(static_cast<void>(embedding(at::tensor({-1}, at::kLong), table)));
}

TEST(GatherRows, AgreesWithItsTwinForRepeatedPositionsToo) {
  const at::Tensor positions = at::tensor({4, 0, 4, 9, 2}, at::kLong);
  expect_twins(
      [&](const Tensors& x, const WeightList&) { return Tensors{gather_rows(x[0], positions)}; },
      [&](const Tensors& x) { return Tensors{at::index_select(x[0], 0, positions)}; },
      {random({10, 33}, 1)}, {});
}

}  // namespace
}  // namespace cram::ops
