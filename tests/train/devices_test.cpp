// The same runs on every device: on a CPU always, on a GPU where there is one, which is what
// scripts/gpu-check.sh is for.
#include <gtest/gtest.h>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>

#include "cram/base/error.h"
#include "cram/ops/functions.h"

#include "small_run.h"

namespace cram::train {
namespace {

using test::run_until_stopped;
using test::Session;
using test::SmallRun;

struct DeviceCase {
  std::string name, type;
  std::vector<std::string> precisions;
};

std::string name_of(const testing::TestParamInfo<DeviceCase>& info) { return info.param.name; }

class DevicesTest : public testing::TestWithParam<DeviceCase> {
 protected:
  void SetUp() override {
    interrupt::clear();
    try {
      (void)choose_device({.type = GetParam().type, .threads = 1});
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  [[nodiscard]] recipe::Recipe recipe(std::vector<std::string> overrides = {}) const {
    overrides.push_back("device.type=" + GetParam().type);
    return run_.recipe(overrides);
  }

  SmallRun run_;
};

INSTANTIATE_TEST_SUITE_P(All, DevicesTest,
                         testing::Values(DeviceCase{"Cpu", "cpu", {"fp32", "bf16"}},
                                         DeviceCase{"Cuda", "cuda", {"fp32", "bf16", "fp16"}}),
                         name_of);

TEST_P(DevicesTest, LowerTheLossInEachPrecision) {
  for (const std::string& precision : GetParam().precisions) {
    Session session(recipe({"precision.compute=" + precision, "budget.steps=60",
                            "optimizer.learning_rate=1e-2", "validation.at=[0.02, 1.0]"}),
                    run_.folder / precision);
    (void)session.trainer.run();
    const auto scores = session.log.of<report::Validation>();
    ASSERT_EQ(scores.size(), 2U);
    EXPECT_LT(scores[1].loss, scores[0].loss - 0.5) << precision;
  }
}

TEST_P(DevicesTest, TrainAsTheCpuDoes) {
  for (const char* optimizer : {"adamw", "muon", "normuon", "lion", "lamb", "adafactor", "sgd"}) {
    const std::string type = std::string("optimizer.type=") + optimizer;
    Session here(recipe({type}), run_.folder / optimizer / "here");
    Session cpu(run_.recipe({type}), run_.folder / optimizer / "cpu");
    const double expected = cpu.trainer.run().score->loss;
    EXPECT_NEAR(here.trainer.run().score->loss, expected, 1e-3 * expected) << optimizer;
  }
}

TEST_P(DevicesTest, ContinueAStoppedRun) {
  Session whole(recipe(), run_.folder / "whole");
  const double expected = whole.trainer.run().score->loss;
  (void)run_until_stopped(recipe({"logging.every=1ms"}), run_.folder / "parts", 5);
  Session rest(recipe(), run_.folder / "parts");
  EXPECT_NEAR(rest.trainer.run().score->loss, expected, 1e-4 * expected);
}

TEST_P(DevicesTest, FindAMicroBatchByThemselves) {
  const Session session(recipe({"batch.micro_batch=null", "batch.size=32"}), run_.folder / "auto");
  EXPECT_GE(session.engine.micro_batch, 1);
  EXPECT_LE(session.engine.micro_batch, 32);
}

TEST_P(DevicesTest, AreToldWhatMayAddUpInFp16) {
  const Engine engine =
      set_up_engine(recipe({"precision.compute=fp16", "precision.fp16_accumulation=true"}), 120);
  for (const ops::WeightPtr& weight : engine.model->weights()) {
    const bool of_layer = weight->role == ops::WeightRole::kHiddenMatrix;
    EXPECT_EQ(weight->fp16_accumulation, of_layer && engine.device.device.is_cuda());
  }
}

TEST_P(DevicesTest, LearnTheSameFromActivationsThatTheyRecompute) {
  const auto loss_of = [&](const std::string& dropout, const std::string& recompute) {
    Session session(
        recipe({"model.dropout=" + dropout, "device.recompute_activations=" + recompute}),
        run_.folder / dropout / recompute);
    EXPECT_EQ(session.engine.model->placement().recompute_activations, recompute == "true");
    if (session.engine.device.device.is_cuda() && dropout != "0" && recompute == "true") {
      EXPECT_NE(session.engine.graph_trial.skipped, "") << "no graph draws the same twice";
    }
    return session.trainer.run().score->loss;
  };
  for (const std::string dropout : {"0", "0.1"}) {
    const double kept = loss_of(dropout, "false");
    EXPECT_NEAR(loss_of(dropout, "true"), kept, GetParam().type == "cpu" ? 0 : 1e-3 * kept);
  }
}

// A CPU adds up in fp32 whatever it is asked for, and weight gradients are always added up so.
TEST_P(DevicesTest, AddUpInFp16WhereTheyAreAskedTo) {
  const auto half = at::TensorOptions(at::kHalf);
  const auto device = choose_device({.type = GetParam().type}).device;
  const auto random = [&](at::IntArrayRef sizes) {
    return at::randn(sizes, at::detail::createCPUGenerator(7)).to(half).to(device);
  };
  const ops::WeightPtr weight =
      ops::make_weight("w", ops::WeightRole::kHiddenMatrix, random({256, 4096}), at::kHalf);
  const at::Tensor x = random({64, 4096}).set_requires_grad(true), dy = random({64, 256});
  struct Results {
    at::Tensor y, dx, dw;
  };
  const auto multiply = [&](bool fp16_accumulation) {
    weight->fp16_accumulation = fp16_accumulation;
    weight->grad.zero_();
    x.mutable_grad() = at::Tensor();
    const at::Tensor y = ops::linear(x, weight);
    y.backward(dy);
    return Results{y.detach(), x.grad(), weight->grad.clone()};
  };
  const Results exact = multiply(false), rounded = multiply(true);
  const auto apart = [](const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor wanted = b.to(at::kFloat), error = a.to(at::kFloat).sub(wanted);
    return error.norm().item<double>() / wanted.norm().item<double>();
  };
  for (const double error : {apart(rounded.y, exact.y), apart(rounded.dx, exact.dx)}) {
    EXPECT_EQ(error > 0, device.is_cuda());
    EXPECT_LT(error, 0.02);
  }
  EXPECT_TRUE(at::equal(rounded.dw, exact.dw));
  EXPECT_FALSE(at::globalContext().allowFP16AccumulationCuBLAS());
}

// The trial compares with passes that are launched operation by operation.
TEST_P(DevicesTest, LaunchPassesAsGraphsThatGiveTheSameGradients) {
  const Capture capture = capture_on(choose_device({.type = GetParam().type}).device);
  if (!capture) GTEST_SKIP() << "graphs are for GPUs";
  for (const std::string& precision : GetParam().precisions) {
    for (const char* option :
         {"model.qk_norm=true", "model.dropout=0.1", "model.attention_dropout=0.1",
          "model.value_residual=true", "sequence.document_mask=true", "model.positions=rotary",
          "model.logit_softcap=15", "objective.z_loss=1e-4"}) {
      const Session session(recipe({"precision.compute=" + precision, option}),
                            run_.folder / "graphs");
      const GraphTrial trial =
          try_graph(*session.engine.model, synthetic_batch(session.engine, session.recipe, 4),
                    session.recipe.objective.z_loss, capture);
      EXPECT_EQ(trial.skipped, "") << precision << ' ' << option;
      EXPECT_TRUE(trial.right()) << precision << ' ' << option << ": " << trial.error;
    }
  }
}

}  // namespace
}  // namespace cram::train
