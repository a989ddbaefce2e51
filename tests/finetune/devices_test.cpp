// The same fine-tuning on every device: on a CPU always, on a GPU where there is one, which is what
// scripts/gpu-check.sh is for.
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "cram/base/error.h"
#include "cram/finetune/finetune.h"
#include "cram/train/device.h"

#include "small_task.h"

namespace cram::finetune {
namespace {

struct DeviceCase {
  std::string name, type;
  std::vector<std::string> precisions;
};

class DevicesTest : public testing::TestWithParam<DeviceCase> {
 protected:
  void SetUp() override {
    try {
      (void)train::choose_device({.type = GetParam().type, .threads = 1});
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
    test::write_table(folder_ / "kinds.tsv", test::make_data().train);
    test::write_table(folder_ / "dev.tsv", test::make_data().dev.front());
  }

  [[nodiscard]] double accuracy(const std::string& device, const std::string& precision) const {
    Request request;
    request.recipe = test::tuning_recipe(
        folder_.path(), {"device.type=" + device, "precision.compute=" + precision,
                         "finetune.epochs=20", "optimizer.learning_rate=0.01", "finetune.seeds=1"});
    request.checkpoint = checkpoint_;
    request.files = glue::LabelledFiles{.train = folder_ / "kinds.tsv", .dev = folder_ / "dev.tsv"};
    request.output = folder_ / (device + "-" + precision);
    return finetune(request).tasks.at(0).seeds.at(0).splits.at(0).metrics.at(0).value;
  }

  cram::test::TempFolder folder_;
  std::filesystem::path checkpoint_ = test::write_model(folder_);
};

INSTANTIATE_TEST_SUITE_P(All, DevicesTest,
                         testing::Values(DeviceCase{"Cpu", "cpu", {"fp32", "bf16"}},
                                         DeviceCase{"Cuda", "cuda", {"fp32", "bf16", "fp16"}}),
                         [](const auto& device) { return device.param.name; });

TEST_P(DevicesTest, LearnTheTaskInEachPrecision) {
  for (const std::string& precision : GetParam().precisions) {
    EXPECT_GT(accuracy(GetParam().type, precision), 0.9) << precision;
  }
}

TEST_P(DevicesTest, SayOfPaddedBatchesWhatTheCpuSays) {
  const recipe::Recipe recipe = test::pretraining_recipe();
  const auto logits = [&](const c10::Device& device) {
    const model::TaskModel model(recipe.model, {16, 40}, {}, {device, at::kFloat}, 3);
    at::manual_seed(4);
    const model::EncoderInput input{.ids = at::randint(40, {3, 9}, at::kLong).to(device),
                                    .lengths = at::tensor({9L, 2L, 5L}, at::kLong).to(device)};
    return model.logits(input, model::Mode::kEvaluation).detach().cpu();
  };
  const auto device = train::choose_device({.type = GetParam().type, .threads = 1}).device;
  EXPECT_TRUE(at::allclose(logits(device), logits(at::kCPU), 1e-3, 1e-5));
}

}  // namespace
}  // namespace cram::finetune
