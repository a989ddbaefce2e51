#include "cram/train/training_pass.h"

#include <gmock/gmock.h>

#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <c10/util/Exception.h>

#include "cram/train/setup.h"

#include "kept_graph.h"
#include "small_run.h"

namespace cram::train {
namespace {

using test::keep_work;
using test::Session;
using test::SmallRun;

class TrainingPassTest : public testing::Test {
 protected:
  TrainingPassTest()
      : session_(run_.recipe(), run_.folder / "checkpoints"),
        unscaled_({}, at::kFloat, c10::kCPU) {}

  [[nodiscard]] TrainingPass pass(Capture capture) const {
    return {*session_.engine.model, unscaled_, 0, std::move(capture)};
  }

  Capture counted() {
    return [this](const std::function<void()>& work) {
      ++captures_;
      return keep_work(work);
    };
  }

  // Other tokens each time.
  [[nodiscard]] model::MaskedInput batch(std::int64_t sequences) const {
    return synthetic_batch(session_.engine, session_.recipe, sequences);
  }

  // Loss and gradients after one pass over gradients of zero.
  std::vector<at::Tensor> results(TrainingPass& pass, const model::MaskedInput& input) {
    const ops::WeightList& weights = session_.engine.model->weights();
    ops::zero_gradients(weights);
    std::vector<at::Tensor> all = {pass.run(input).clone()};
    for (const ops::WeightPtr& weight : weights) all.push_back(weight->grad.clone());
    return all;
  }

  void expect_plain_results(TrainingPass& other, int passes, std::int64_t sequences) {
    TrainingPass plain = pass({});
    for (int i = 0; i < passes; ++i) {
      const model::MaskedInput input = batch(sequences);
      const auto expected = results(plain, input), values = results(other, input);
      for (std::size_t j = 0; j < expected.size(); ++j) {
        EXPECT_TRUE(at::equal(values[j], expected[j])) << "pass " << i << ", tensor " << j;
      }
    }
  }

  static constexpr int kBefore = TrainingPass::kPassesBeforeCapture;

  SmallRun run_;
  Session session_;
  LossScale unscaled_;
  int captures_ = 0;
};

TEST_F(TrainingPassTest, BecomesAGraphOnceAShapeHasComeOften) {
  TrainingPass graphs = pass(counted());
  expect_plain_results(graphs, kBefore, 4);
  EXPECT_EQ(captures_, 0);
  expect_plain_results(graphs, 3, 4);
  EXPECT_EQ(captures_, 1);
}

TEST_F(TrainingPassTest, BecomesAnotherGraphForAnotherShape) {
  TrainingPass graphs = pass(counted());
  expect_plain_results(graphs, kBefore + 1, 4);
  expect_plain_results(graphs, kBefore + 1, 2);
  EXPECT_EQ(captures_, 2);
}

TEST_F(TrainingPassTest, BecomesAGraphAnewWhenItWasForgotten) {
  TrainingPass graphs = pass(counted());
  expect_plain_results(graphs, kBefore + 1, 4);
  graphs.forget_graph();
  expect_plain_results(graphs, kBefore + 1, 4);
  EXPECT_EQ(captures_, 2);
}

TEST_F(TrainingPassTest, IsNoGraphAnyMoreOnceGraphsAreGivenUp) {
  TrainingPass graphs = pass(counted());
  EXPECT_FALSE(graphs.give_graphs_up()) << "there was none";
  TrainingPass other = pass(counted());
  expect_plain_results(other, kBefore + 1, 4);
  EXPECT_TRUE(other.give_graphs_up());
  expect_plain_results(other, kBefore + 1, 4);
  EXPECT_EQ(captures_, 1);
}

TEST_F(TrainingPassTest, IsNoGraphWhereThereIsNoMemoryForOne) {
  TrainingPass graphs = pass([this](const std::function<void()>&) -> std::unique_ptr<cuda::Graph> {
    ++captures_;
    TORCH_CHECK_WITH(OutOfMemoryError, false, "none left");
  });
  expect_plain_results(graphs, kBefore + 3, 4);
  EXPECT_EQ(captures_, 1);
}

TEST_F(TrainingPassTest, FailsWhereAnOperationCannotBeCaptured) {
  TrainingPass graphs = pass([](const std::function<void()>&) -> std::unique_ptr<cuda::Graph> {
    throw Error(ErrorCode::kInternal, "it waits");
  });
  expect_plain_results(graphs, kBefore, 4);
  EXPECT_THROW((void)graphs.run(batch(4)), Error);
}

// It leaves the capture broken, unlike lack of memory in LibTorch itself.
TEST_F(TrainingPassTest, FailsWhereALibraryLacksMemoryInACapture) {
  TrainingPass graphs = pass([](const std::function<void()>&) -> std::unique_ptr<cuda::Graph> {
    throw c10::Error({}, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED");
  });
  expect_plain_results(graphs, kBefore, 4);
  EXPECT_THROW((void)graphs.run(batch(4)), c10::Error);
}

// Batches that grow, fewer and fewer masked tokens, rows that get longer, documents.
TEST(Trainer, LearnsTheSameWithGraphs) {
  const SmallRun run;
  const recipe::Recipe recipe =
      run.recipe({"budget.steps=40", "sequence.start_length=8", "sequence.document_mask=true",
                  "objective.masking_rate=0.5", "objective.masking_rate_end=0.2", "batch.size=16",
                  "batch.ramp=0.5"});
  Session plain(recipe, run.folder / "plain");
  (void)plain.trainer.run();
  int captures = 0;
  Session graphs(recipe, run.folder / "graphs");
  Trainer trainer({graphs.recipe, *graphs.engine.model, *graphs.engine.optimizer, nullptr,
                   *graphs.data.training, *graphs.data.held_out, graphs.store, graphs.log,
                   graphs.clock, "{}", 0,
                   [&](const std::function<void()>& work) {
                     ++captures;
                     return keep_work(work);
                   }},
                  graphs.engine.micro_batch);
  (void)trainer.run();
  EXPECT_GT(captures, 2);
  EXPECT_EQ(graphs.bytes(), plain.bytes());
}

}  // namespace
}  // namespace cram::train
