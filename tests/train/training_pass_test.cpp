#include "cram/train/training_pass.h"

#include <gmock/gmock.h>

#include <ATen/ops/equal.h>
#include <c10/util/Exception.h>

#include "small_run.h"

namespace cram::train {
namespace {

using test::Session;
using test::SmallRun;

// Stands in for a CUDA graph: keeps the work and does it at each launch.
class KeptWork : public cuda::RecordedWork {
 public:
  explicit KeptWork(std::function<void()> work) : work_(std::move(work)) {}
  void launch() override { work_(); }

 private:
  std::function<void()> work_;
};

class TrainingPassTest : public testing::Test {
 protected:
  TrainingPassTest()
      : session_(run_.recipe(), run_.folder / "checkpoints"),
        unscaled_({}, at::kFloat, c10::kCPU) {}

  Recorder counting_recorder() {
    return [this](const std::function<void()>& work) {
      ++recordings_;
      return std::make_unique<KeptWork>(work);
    };
  }

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

  void expect_same(TrainingPass& pass, const model::MaskedInput& input) {
    TrainingPass plain(*session_.engine.model, unscaled_, 0, {});
    const auto expected = results(plain, input), values = results(pass, input);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_TRUE(at::equal(values[i], expected[i])) << i;
    }
  }

  SmallRun run_;
  Session session_;
  LossScale unscaled_;
  int recordings_ = 0;
};

TEST_F(TrainingPassTest, IsRecordedOnceAShapeHasComeOften) {
  TrainingPass pass(*session_.engine.model, unscaled_, 0, counting_recorder());
  for (int i = 0; i < TrainingPass::kUnrecorded; ++i) expect_same(pass, batch(4));
  EXPECT_EQ(recordings_, 0);
  for (int i = 0; i < 3; ++i) expect_same(pass, batch(4));
  EXPECT_EQ(recordings_, 1);
}

TEST_F(TrainingPassTest, IsRecordedAnewForAnotherShape) {
  TrainingPass pass(*session_.engine.model, unscaled_, 0, counting_recorder());
  for (int i = 0; i <= TrainingPass::kUnrecorded; ++i) expect_same(pass, batch(4));
  for (int i = 0; i <= TrainingPass::kUnrecorded; ++i) expect_same(pass, batch(2));
  EXPECT_EQ(recordings_, 2);
}

TEST_F(TrainingPassTest, IsComputedByOperationsWhereRecordingFails) {
  TrainingPass pass(*session_.engine.model, unscaled_, 0,
                    [this](const std::function<void()>&) -> std::unique_ptr<cuda::RecordedWork> {
                      ++recordings_;
                      TORCH_CHECK(false, "no");
                    });
  for (int i = 0; i < TrainingPass::kUnrecorded + 3; ++i) expect_same(pass, batch(4));
  EXPECT_EQ(recordings_, 1);
}

}  // namespace
}  // namespace cram::train
