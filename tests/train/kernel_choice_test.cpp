// Our own GPU kernels against ATen's, where there is a GPU (scripts/gpu-check.sh).
#include "cram/train/kernel_choice.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/train/device.h"

namespace cram::train {
namespace {

using ops::GpuKernel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

recipe::Model model_of(std::int64_t hidden, std::int64_t heads, std::int64_t intermediate) {
  recipe::Model model;
  model.hidden_size = hidden;
  model.heads = heads;
  model.intermediate_size = intermediate;
  return model;
}

KernelTrial trial_of(GpuKernel kernel, double error, double aten_error, double ms, double aten_ms) {
  return {kernel, "", error, aten_error, ms, aten_ms};
}

// A table that nobody calls.
class OfferedKernels : public testing::Test {
 protected:
  OfferedKernels() { ops::offer_gpu_kernels(&table_); }
  ~OfferedKernels() override {
    for (const GpuKernel kernel : ops::kGpuKernels) ops::use_gpu_kernel(kernel, false);
    ops::offer_gpu_kernels(nullptr);
  }

 private:
  cuda::Kernels table_{};
};

TEST(GpuKernelsTest, AreNotUsedWhereThereAreNone) {
  ops::use_gpu_kernel(GpuKernel::kNorm, true);
  EXPECT_FALSE(ops::uses_gpu_kernel(GpuKernel::kNorm));
}

TEST_F(OfferedKernels, AreUsedOneByOne) {
  ops::use_gpu_kernel(GpuKernel::kLoss, true);
  EXPECT_TRUE(ops::uses_gpu_kernel(GpuKernel::kLoss));
  EXPECT_FALSE(ops::uses_gpu_kernel(GpuKernel::kNorm));
}

TEST_F(OfferedKernels, StayAsTheyAreWhenARunOnACpuBegins) {
  ops::use_gpu_kernel(GpuKernel::kNorm, true);
  const KernelChoice choice = choose_kernels({}, {{}, {}, 1024}, {c10::kCPU, at::kBFloat16});
  EXPECT_THAT(choice.lines(), IsEmpty());
  EXPECT_EQ(choice.summary(), "");
  EXPECT_TRUE(ops::uses_gpu_kernel(GpuKernel::kNorm));
  EXPECT_EQ(ops::gpu_kernel_calls(GpuKernel::kNorm), 0);
}

TEST(GpuKernelTrialTest, IsRightWhenAsExactAsAtens) {
  EXPECT_TRUE(trial_of(GpuKernel::kNorm, 3e-3, 3e-3, 1, 1).right());
  EXPECT_TRUE(trial_of(GpuKernel::kNorm, 5e-6, 0, 1, 1).right());
  EXPECT_FALSE(trial_of(GpuKernel::kNorm, 3e-2, 3e-3, 1, 1).right());
  EXPECT_FALSE(trial_of(GpuKernel::kNorm, std::nan(""), 3e-3, 1, 1).right());
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(trial_of(GpuKernel::kNorm, infinite, infinite, 1, 1).right());
}

TEST(GpuKernelTrialTest, SaysWhatIsUsedAndWhy) {
  EXPECT_EQ(to_text(trial_of(GpuKernel::kNorm, 0, 0, 1, 3)),
            "norm: ours, 3.00 times as fast as ATen's");
  EXPECT_EQ(to_text(trial_of(GpuKernel::kPlacing, 0, 0, 2, 1)),
            "placing: ATen's, ours is 0.50 times as fast as ATen's");
  EXPECT_THAT(to_text(trial_of(GpuKernel::kLoss, 1, 0.001, 1, 3)),
              testing::StartsWith("loss: ATen's, ours is wrong here"));
  KernelTrial skipped = trial_of(GpuKernel::kNorm, 0, 0, 1, 3);
  skipped.skipped = "ours does not take these shapes";
  EXPECT_EQ(to_text(skipped), "norm: ATen's, ours does not take these shapes");
  EXPECT_FALSE(skipped.used());
}

TEST(GpuKernelTrialTest, LeavesAtensWhereTheGainIsNoise) {
  EXPECT_FALSE(trial_of(GpuKernel::kNorm, 0, 0, 1, 1.02).used());
  EXPECT_TRUE(trial_of(GpuKernel::kNorm, 0, 0, 1, 1.04).used());
}

TEST(KernelChoiceTest, SaysWhichAttentionIsFasterAndWhatTheArithmeticDependsOn) {
  KernelChoice choice;
  choice.trials = {trial_of(GpuKernel::kNorm, 0, 0, 1, 3), trial_of(GpuKernel::kLoss, 0, 0, 3, 1)};
  choice.attention_milliseconds = 3;
  choice.attention_without_cudnn_milliseconds = 2;
  EXPECT_EQ(choice.lines().back(),
            "attention: ATen's without cuDNN, without it 1.50 times as fast");
  EXPECT_EQ(choice.summary(), "aten norm without-cudnn");
  choice.attention_milliseconds = 1;
  EXPECT_EQ(choice.lines().back(), "attention: ATen's choice, without it 0.50 times as fast");
  EXPECT_EQ(choice.summary(), "aten norm");
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
  const auto rotated_and_normed = [](auto& m) {
    m.positions = recipe::Positions::kRotary;
    m.qk_norm = true;
  };
  add("HeadsOf16", model_of(64, 4, 128), {64, 512}, rotated_and_normed);
  add("HeadsOf32", model_of(128, 4, 128), {64, 512}, rotated_and_normed);
  add("HeadsOf128", model_of(256, 2, 128), {64, 512}, rotated_and_normed);
  add("RotatedAndNormed", model_of(256, 4, 320), {64, 1001}, [=](auto& m) {
    rotated_and_normed(m);
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

class KernelChoiceOn : public testing::TestWithParam<const char*> {
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

INSTANTIATE_TEST_SUITE_P(All, KernelChoiceOn, testing::Values("cuda"),
                         [](const auto&) { return std::string("Cuda"); });

constexpr std::int64_t kTokens = 8192;

TEST_P(KernelChoiceOn, TakesKernelsThatAreAsExactAsAtens) {
  for (const KernelCase& one : cases()) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
      const auto choice = choose_kernels({}, {one.model, one.shape, kTokens}, {device_, type});
      ASSERT_EQ(choice.trials.size(), ops::kGpuKernels.size());
      for (const KernelTrial& trial : choice.trials) {
        std::printf("%-18s %-9s %-60s error %.2e, ATen's %.2e, %.3f and %.3f ms\n",
                    one.name.c_str(), c10::toString(type), to_text(trial).c_str(), trial.error,
                    trial.aten_error, trial.milliseconds, trial.aten_milliseconds);
        EXPECT_EQ(trial.skipped, "") << one.name;
        EXPECT_TRUE(trial.right())
            << one.name << " " << c10::toString(type) << " " << to_text(trial);
        EXPECT_EQ(ops::uses_gpu_kernel(trial.kernel), trial.used());
      }
    }
  }
}

TEST_P(KernelChoiceOn, LeavesOutWhatOursDoNotTake) {
  const recipe::Model odd = model_of(2080, 26, 100);  // heads of 80, rows wider than 1024
  const auto choice = choose_kernels({}, {odd, {32, 512}, kTokens}, {device_, at::kBFloat16});
  for (const KernelTrial& trial : choice.trials) {
    const bool taken = trial.kernel == GpuKernel::kLoss;
    EXPECT_EQ(trial.skipped.empty(), taken) << to_text(trial);
  }
}

TEST_P(KernelChoiceOn, LeavesTheLossToAtenWhereThereIsAZLoss) {
  const KernelCase crammed = cases().front();
  const auto choice =
      choose_kernels({}, {crammed.model, crammed.shape, kTokens, 1e-4}, {device_, at::kBFloat16});
  for (const KernelTrial& trial : choice.trials) {
    EXPECT_EQ(trial.skipped.empty(), trial.kernel != GpuKernel::kLoss) << to_text(trial);
  }
}

TEST_P(KernelChoiceOn, TakesNoneWhenAtensAreAskedFor) {
  const KernelCase crammed = cases().front();
  (void)choose_kernels({}, {crammed.model, crammed.shape, kTokens}, {device_, at::kBFloat16});
  const recipe::Device aten{.kernels = recipe::Kernels::kAten};
  EXPECT_THAT(
      choose_kernels(aten, {crammed.model, crammed.shape, kTokens}, {device_, at::kBFloat16})
          .lines(),
      ElementsAre(HasSubstr("LibTorch's alone")));
  for (const GpuKernel kernel : ops::kGpuKernels) EXPECT_FALSE(ops::uses_gpu_kernel(kernel));
}

}  // namespace
}  // namespace cram::train
