// Our own GPU kernels against ATen's, where there is a GPU (scripts/gpu-check.sh).
#include "cram/train/gpu_kernels.h"

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/train/device.h"

namespace cram::train {
namespace {

using ops::GpuKernel;
using testing::IsEmpty;

recipe::Model model_of(std::int64_t hidden, std::int64_t heads, std::int64_t intermediate) {
  recipe::Model model;
  model.hidden_size = hidden;
  model.heads = heads;
  model.intermediate_size = intermediate;
  return model;
}

KernelTrial trial_of(GpuKernel kernel, double error, double aten_error, double ms, double aten_ms) {
  return {kernel, error, aten_error, ms, aten_ms};
}

TEST(GpuKernelsTest, AreNotTriedOnACpu) {
  EXPECT_THAT(choose_gpu_kernels({}, {}, {}, c10::kCPU, at::kBFloat16).lines(), IsEmpty());
  for (const GpuKernel kernel : ops::kGpuKernels) EXPECT_FALSE(ops::uses_gpu_kernel(kernel));
}

TEST(GpuKernelTrialTest, IsRightWhenAsExactAsAtens) {
  EXPECT_TRUE(trial_of(GpuKernel::kNorm, 3e-3, 3e-3, 1, 1).right());
  EXPECT_TRUE(trial_of(GpuKernel::kNorm, 5e-6, 0, 1, 1).right());
  EXPECT_FALSE(trial_of(GpuKernel::kNorm, 3e-2, 3e-3, 1, 1).right());
  EXPECT_FALSE(trial_of(GpuKernel::kNorm, std::nan(""), 3e-3, 1, 1).right());
}

TEST(GpuKernelTrialTest, SaysWhatIsUsedAndWhy) {
  EXPECT_EQ(to_text(trial_of(GpuKernel::kNorm, 0, 0, 1, 3)),
            "norm: ours, 3.00 times as fast as ATen's");
  EXPECT_EQ(to_text(trial_of(GpuKernel::kPlacing, 0, 0, 2, 1)),
            "placing: ATen's, ours is 0.50 times as fast as ATen's");
  EXPECT_THAT(to_text(trial_of(GpuKernel::kLoss, 1, 0.001, 1, 3)),
              testing::StartsWith("loss: ATen's, ours is wrong here"));
}

TEST(GpuKernelTrialTest, SaysWhichAttentionIsFaster) {
  GpuKernelChoice choice;
  choice.attention_milliseconds = 3;
  choice.attention_without_cudnn_milliseconds = 2;
  EXPECT_THAT(
      choice.lines(),
      testing::ElementsAre("attention: ATen's without cuDNN, 1.50 times as fast as with it"));
  choice.attention_milliseconds = 1;
  EXPECT_THAT(choice.lines(), testing::ElementsAre(
                                  "attention: ATen's choice, 2.00 times as fast as without cuDNN"));
}

struct KernelCase {
  std::string name;
  recipe::Model model;
  model::Shape shape;
};

std::vector<KernelCase> cases() {
  std::vector<KernelCase> all;
  const auto add = [&](const std::string& name, recipe::Model model, model::Shape shape,
                       auto change) {
    change(model);
    all.push_back({name, model, shape});
  };
  using recipe::Activation;
  add("CrammedBert", model_of(768, 12, 1536), {128, 32768}, [](auto& m) { m.norm_bias = false; });
  add("BertBase", model_of(768, 12, 3072), {128, 30522}, [](auto& m) {
    m.gated = false;
    m.decoder_bias = true;
  });
  add("BertLarge", model_of(1024, 16, 4096), {512, 30522},
      [](auto& m) { m.activation = Activation::kGeluTanh; });
  add("Pocket", model_of(256, 4, 512), {128, 16384}, [](auto& m) { m.qk_norm = true; });
  add("ModernBert", model_of(512, 8, 768), {128, 50368}, [](auto& m) {
    m.norm = recipe::NormType::kRmsNorm;
    m.norm_bias = false;
    m.activation = Activation::kSilu;
    m.positions = recipe::Positions::kRotary;
  });
  add("RotatedAndNormed", model_of(320, 4, 320), {64, 1001}, [](auto& m) {
    m.positions = recipe::Positions::kRotary;
    m.qk_norm = true;
    m.activation = Activation::kReluSquared;
    m.logit_softcap = 15.0;
  });
  add("SmallHeads", model_of(96, 6, 200), {40, 77}, [](auto& m) {
    m.gated = false;
    m.activation = Activation::kRelu;
    m.decoder_bias = true;
    m.logit_softcap = 30.0;
  });
  return all;
}

class GpuKernelsOn : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    try {
      device_ = choose_device({.type = GetParam(), .threads = 1}).device;
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  c10::Device device_ = c10::kCPU;
};

INSTANTIATE_TEST_SUITE_P(All, GpuKernelsOn, testing::Values("cuda"),
                         [](const auto&) { return std::string("Cuda"); });

TEST_P(GpuKernelsOn, AreAsExactAsAtens) {
  for (const KernelCase& one : cases()) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
      const auto choice = choose_gpu_kernels({}, one.model, one.shape, device_, type);
      const auto& trials = choice.trials;
      ASSERT_EQ(trials.size(), ops::kGpuKernels.size());
      for (const KernelTrial& trial : trials) {
        std::printf("%-18s %-9s %-60s error %.2e, ATen's %.2e, %.3f and %.3f ms\n",
                    one.name.c_str(), c10::toString(type), to_text(trial).c_str(), trial.error,
                    trial.aten_error, trial.milliseconds, trial.aten_milliseconds);
        EXPECT_TRUE(trial.right())
            << one.name << " " << c10::toString(type) << " " << to_text(trial);
      }
    }
  }
}

}  // namespace
}  // namespace cram::train
