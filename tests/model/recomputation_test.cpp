#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "cram/model/masked_lm.h"
#include "cram/model/task_model.h"

#include "models.h"
#include "support/tensor_memory.h"

namespace cram::model {
namespace {

constexpr Shape kShape{64, 100};
constexpr std::int64_t kSequences = 8, kWidth = 64;
// Of one activation as wide as the model.
constexpr std::int64_t kBytes = kSequences * kShape.sequence_length * kWidth * 4;

recipe::Model deep() {
  recipe::Model options = test::crammed_bert();
  options.layers = 12;
  options.hidden_size = kWidth;
  options.heads = 4;
  options.intermediate_size = 128;
  return options;
}

MaskedInput make_batch() {
  return {at::randint(kShape.vocab_size, {kSequences, kShape.sequence_length}, at::kLong),
          at::arange(0, kSequences * kShape.sequence_length, 7, at::kLong),
          at::randint(kShape.vocab_size, {74}, at::kLong)};
}

struct Used {
  std::int64_t after_forward, peak;
};

Used memory_of(const recipe::Model& options, bool recompute) {
  const MaskedLanguageModel model(options, kShape, {.recompute_activations = recompute}, 3);
  const MaskedInput batch = make_batch();
  const cram::test::TensorMemory memory;
  const ops::MaskedLoss result = model.loss(batch, Mode::kTraining);
  const std::int64_t after_forward = memory.now();
  result.loss.backward();
  return {after_forward, memory.peak()};
}

TEST(Recomputation, KeepsTwoActivationsALayerWithNormsBeforeBlocks) {
  recipe::Model deeper = deep();
  deeper.layers += 10;
  const std::int64_t ten_layers =
      memory_of(deeper, true).after_forward - memory_of(deep(), true).after_forward;
  EXPECT_GE(ten_layers, 20 * kBytes);
  EXPECT_LE(ten_layers, 21 * kBytes);
}

TEST(Recomputation, KeepsOneActivationALayerWithNormsBehindBlocks) {
  recipe::Model options = deep();
  options.norm_position = recipe::NormPosition::kPost;
  options.final_norm = false;
  recipe::Model deeper = options;
  deeper.layers += 10;
  const std::int64_t ten_layers =
      memory_of(deeper, true).after_forward - memory_of(options, true).after_forward;
  EXPECT_GE(ten_layers, 10 * kBytes);
  EXPECT_LE(ten_layers, 11 * kBytes);
}

TEST(Recomputation, TakesAFractionOfTheMemory) {
  EXPECT_LT(memory_of(deep(), true).peak, memory_of(deep(), false).peak / 3);
}

TEST(Recomputation, TellsNoDifferenceOnATaskButInMemory) {
  struct Result {
    std::vector<at::Tensor> gradients;
    std::int64_t peak;
  };
  const auto run = [](bool recompute) {
    const TaskModel model(deep(), kShape, {.size = 3}, {.recompute_activations = recompute}, 3);
    at::manual_seed(1);
    const at::Tensor ids = make_batch().ids;
    const cram::test::TensorMemory memory;
    model.logits({ids}, Mode::kTraining).square().sum().backward();
    Result result{{}, memory.peak()};
    for (const ops::WeightPtr& weight : model.weights()) result.gradients.push_back(weight->grad);
    return result;
  };
  const Result kept = run(false), again = run(true);
  EXPECT_LT(again.peak, kept.peak / 3);
  for (std::size_t i = 0; i < kept.gradients.size(); ++i) {
    EXPECT_GT(kept.gradients[i].abs().sum().item<double>(), 0) << i;
    EXPECT_TRUE(at::equal(kept.gradients[i], again.gradients[i])) << i;
  }
}

}  // namespace
}  // namespace cram::model
