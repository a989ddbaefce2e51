#include "cram/optim/optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/ops/cpu_kernels.h"

#include "small_model.h"
#include "support/cpu_level.h"

namespace cram::optim {
namespace {

using recipe::OptimizerType;

const std::vector<OptimizerType> kAllTypes = {
    OptimizerType::kAdamW, OptimizerType::kAdam, OptimizerType::kMuon,      OptimizerType::kNorMuon,
    OptimizerType::kLion,  OptimizerType::kLamb, OptimizerType::kAdafactor, OptimizerType::kSgd};

recipe::Optimizer options_of(OptimizerType type) {
  return {.type = type, .learning_rate = 1e-2, .weight_decay = 0.1, .muon_weight_decay = 0.05};
}

// What an update shall do, element by element in double precision: clip_grad_norm_ and Adam's
// definition, written down from the papers.
class AdamOracle {
 public:
  AdamOracle(const recipe::Optimizer& options, const ops::WeightList& weights)
      : options_(options), weights_(weights) {
    for (const auto& weight : weights) {
      const at::Tensor& master = weight->master;
      values_[weight->name].assign(master.data_ptr<float>(),
                                   master.data_ptr<float>() + master.numel());
      first_[weight->name].assign(master.numel(), 0.0);
      second_[weight->name].assign(master.numel(), 0.0);
    }
  }

  // Reads the gradients; returns their norm before clipping.
  double step(double factor, double scale) {
    double squares = 0.0;
    for (const auto& weight : weights_) {
      for (std::int64_t i = 0; i < weight->grad.numel(); ++i) {
        squares += std::pow(weight->grad.data_ptr<float>()[i] / scale, 2);
      }
    }
    const double norm = std::sqrt(squares);
    const double clip = options_.clip_norm;
    const double coefficient = clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1.0;
    ++step_;
    for (const auto& weight : weights_) move(*weight, factor, coefficient / scale);
    return norm;
  }

  [[nodiscard]] const std::vector<double>& values(const std::string& name) const {
    return values_.at(name);
  }

 private:
  void move(const ops::Weight& weight, double factor, double gradient_factor) {
    const bool decayed =
        weight.role != ops::WeightRole::kGain && weight.role != ops::WeightRole::kBias;
    const double decay = decayed ? options_.weight_decay : 0.0;
    const double rate = options_.learning_rate * factor;
    auto& values = values_[weight.name];
    for (std::size_t i = 0; i < values.size(); ++i) {
      double gradient = weight.grad.data_ptr<float>()[i] * gradient_factor;
      if (options_.type == OptimizerType::kAdam) {
        gradient += decay * values[i];
      } else {
        values[i] -= rate * decay * values[i];
      }
      double& first = first_[weight.name][i];
      double& second = second_[weight.name][i];
      first = options_.beta1 * first + (1 - options_.beta1) * gradient;
      second = options_.beta2 * second + (1 - options_.beta2) * gradient * gradient;
      const double unbiased_first = first / (1 - std::pow(options_.beta1, step_));
      const double unbiased_second = second / (1 - std::pow(options_.beta2, step_));
      values[i] -= rate * unbiased_first / (std::sqrt(unbiased_second) + options_.epsilon);
    }
  }

  recipe::Optimizer options_;
  ops::WeightList weights_;
  std::map<std::string, std::vector<double>> values_, first_, second_;
  int step_ = 0;
};

void expect_near_oracle(const AdamOracle& oracle, const ops::WeightList& weights) {
  for (const auto& weight : weights) {
    const auto& expected = oracle.values(weight->name);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(weight->master.data_ptr<float>()[i], expected[i], 2e-6)
          << weight->name << "[" << i << "]";
    }
  }
}

void expect_adam_follows_its_definition(const recipe::Optimizer& options, double scale) {
  const auto weights = small_model();
  AdamOracle oracle(options, weights);
  const auto optimizer = make_optimizer(options, weights);
  for (int update = 0; update < 10; ++update) {
    // Gradient norms go from 0.25 to 5, so that some updates clip and some do not.
    fill_gradients(weights, update, scale * (update + 1));
    const double factor = 1.0 - 0.1 * update;
    const double norm = oracle.step(factor, scale);
    const auto output = optimizer->step({.learning_rate_factor = factor, .gradient_scale = scale});
    EXPECT_NEAR(output.gradient_norm.item<double>(), norm, 1e-5 * norm);
    EXPECT_EQ(output.skipped.item<float>(), 0.0F);
    expect_near_oracle(oracle, weights);
  }
}

TEST(AdamW, FollowsItsDefinition) {
  expect_adam_follows_its_definition(options_of(OptimizerType::kAdamW), 1.0);
}

// As on devices for which there is no kernel of ours.
TEST(AdamW, FollowsItsDefinitionWithAtensKernels) {
  const test::WithCpuLevel atens(ops::CpuLevel::kNone);
  expect_adam_follows_its_definition(options_of(OptimizerType::kAdamW), 3.0);
}

TEST(AdamW, MovesEveryElementOfAWeightThatIsSharedByThreads) {
  for (const std::int64_t size : {1, 15, 16, 17, 70001}) {
    const auto options = options_of(OptimizerType::kAdamW);
    const ops::WeightList weights = {
        ops::make_weight("w", ops::WeightRole::kEmbedding, normal({size, 1}, 9), at::kBFloat16)};
    AdamOracle oracle(options, weights);
    const auto optimizer = make_optimizer(options, weights);
    for (int update = 0; update < 3; ++update) {
      fill_gradients(weights, update);
      (void)oracle.step(1.0, 1.0);
      (void)optimizer->step({});
    }
    expect_near_oracle(oracle, weights);
  }
}

TEST(AdamW, FollowsItsDefinitionWithALossScale) {
  expect_adam_follows_its_definition(options_of(OptimizerType::kAdamW), 3.0 * 65536.0);
}

TEST(AdamW, UndoesALossScaleOnTheDeviceAsOneOnTheHost) {
  const auto on_device = small_model(), on_host = small_model();
  const auto options = options_of(OptimizerType::kAdamW);
  const auto first = make_optimizer(options, on_device), second = make_optimizer(options, on_host);
  fill_gradients(on_device, 3, 8.0 * 1024.0);
  fill_gradients(on_host, 3, 8.0 * 1024.0);
  const auto output =
      first->step({.gradient_scale = 8.0, .loss_scale = at::full({}, 1024.0, at::kFloat)});
  const auto expected = second->step({.gradient_scale = 8.0 * 1024.0});
  EXPECT_TRUE(same_bytes(output.gradient_norm, expected.gradient_norm));
  for (std::size_t i = 0; i < on_host.size(); ++i) {
    EXPECT_TRUE(same_bytes(on_device[i]->master, on_host[i]->master)) << on_host[i]->name;
  }
}

TEST(AdamW, FollowsItsDefinitionWithoutClipping) {
  recipe::Optimizer options = options_of(OptimizerType::kAdamW);
  options.clip_norm = 0.0;
  expect_adam_follows_its_definition(options, 1.0);
}

TEST(Adam, CouplesTheWeightDecayToTheGradient) {
  recipe::Optimizer options = options_of(OptimizerType::kAdam);
  options.beta2 = 0.999;
  options.epsilon = 1e-8;
  expect_adam_follows_its_definition(options, 4.0);
}

TEST(Optimizer, DecaysMatricesAndTablesOnly) {
  for (const OptimizerType type : kAllTypes) {
    if (type == OptimizerType::kAdam) continue;  // it divides the decay by its own size
    const recipe::Optimizer options = options_of(type);
    const auto weights = small_model();
    const auto before = copies(masters(weights));
    (void)make_optimizer(options, weights)->step({});  // Gradients are zero.
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto role = weights[i]->role;
      double shrunk = 1.0 - options.learning_rate * options.weight_decay;
      // LAMB makes the step, here the decay alone, as long as the rate says.
      if (type == OptimizerType::kLamb) shrunk = 1.0 - options.learning_rate;
      if (role == ops::WeightRole::kGain || role == ops::WeightRole::kBias) shrunk = 1.0;
      const bool muon = type == OptimizerType::kMuon || type == OptimizerType::kNorMuon;
      if (muon && role == ops::WeightRole::kHiddenMatrix) {
        shrunk = 1.0 - options.muon_learning_rate * options.muon_weight_decay;
      }
      EXPECT_TRUE(weights[i]->master.allclose(before[i].second.mul(shrunk), 1e-6, 0.0))
          << weights[i]->name;
    }
  }
}

TEST(Optimizer, ClearsGradientsAndRefreshesComputeCopies) {
  for (const OptimizerType type : kAllTypes) {
    const auto weights = small_model(at::kBFloat16);
    const auto before = copies(masters(weights));
    const auto optimizer = make_optimizer(options_of(type), weights);
    fill_gradients(weights, 0);
    (void)optimizer->step({});
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const ops::Weight& weight = *weights[i];
      EXPECT_TRUE(same_bytes(weight.grad, at::zeros(weight.grad.sizes()))) << weight.name;
      EXPECT_TRUE(same_bytes(weight.compute.detach(), weight.master.to(at::kBFloat16)))
          << weight.name;
      EXPECT_FALSE(same_bytes(weight.master, before[i].second)) << weight.name << " did not move";
    }
  }
}

std::vector<ops::CpuLevel> available_levels() {
  std::vector<ops::CpuLevel> levels;
  for (const ops::CpuLevel level : ops::kCpuLevels) {
    if (ops::available(level)) levels.push_back(level);
  }
  return levels;
}

class SkippedUpdate : public testing::TestWithParam<ops::CpuLevel> {
  test::WithCpuLevel level_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(With, SkippedUpdate, testing::ValuesIn(available_levels()),
                         [](const auto& level) {
                           std::string name = ops::name(level.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

void expect_nothing_moves(OptimizerType type, std::size_t victim, float bad) {
  const auto weights = small_model();
  const auto optimizer = make_optimizer(options_of(type), weights);
  fill_gradients(weights, 0);
  (void)optimizer->step({});
  const auto values = copies(masters(weights)), state = copies(optimizer->state());

  fill_gradients(weights, 1);
  weights[victim]->grad.view(-1)[3] = bad;
  const auto output = optimizer->step({});
  EXPECT_EQ(output.skipped.item<float>(), 1.0F);
  EXPECT_FALSE(std::isfinite(output.gradient_norm.item<float>()));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_TRUE(same_bytes(weights[i]->master, values[i].second)) << weights[i]->name;
    EXPECT_EQ(weights[i]->grad.abs().sum().item<float>(), 0.0F) << weights[i]->name;
  }
  const auto now = optimizer->state();
  for (std::size_t i = 0; i < now.size(); ++i) {
    EXPECT_TRUE(same_bytes(now[i].second, state[i].second)) << now[i].first;
  }
}

TEST_P(SkippedUpdate, LeavesEverythingInPlace) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const OptimizerType type : kAllTypes) {
    for (const float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
      for (const std::size_t victim : {0U, 1U, 7U}) expect_nothing_moves(type, victim, bad);
    }
  }
}

TEST_P(SkippedUpdate, IsAsIfItHadNotBeen) {
  for (const OptimizerType type : kAllTypes) {
    const auto disturbed = small_model(), calm = small_model();
    const auto first = make_optimizer(options_of(type), disturbed);
    const auto second = make_optimizer(options_of(type), calm);
    for (int update = 0; update < 4; ++update) {
      fill_gradients(disturbed, 77);
      disturbed[2]->grad.fill_(std::numeric_limits<float>::quiet_NaN());
      (void)first->step({});
      fill_gradients(disturbed, update);
      fill_gradients(calm, update);
      (void)first->step({});
      (void)second->step({});
    }
    for (std::size_t i = 0; i < calm.size(); ++i) {
      EXPECT_TRUE(same_bytes(disturbed[i]->master, calm[i]->master)) << calm[i]->name;
    }
  }
}

// What each type keeps of a hidden matrix and of a gain, beside its counters.
TEST(Optimizer, NamesItsState) {
  using Names = std::set<std::string>;
  const auto names_of = [](OptimizerType type) {
    using enum ops::WeightRole;
    const ops::WeightList weights = {
        ops::make_weight("m", kHiddenMatrix, normal({8, 8}, 1), at::kFloat),
        ops::make_weight("g", kGain, normal({8}, 2), at::kFloat)};
    const auto optimizer = make_optimizer(options_of(type), weights);
    Names names;
    for (const auto& [name, tensor] : optimizer->state()) {
      EXPECT_TRUE(names.insert(name).second) << name << " twice";
    }
    return names;
  };
  EXPECT_EQ(names_of(OptimizerType::kAdam),
            (Names{"adam.step", "adam.exp_avg.m", "adam.exp_avg_sq.m", "adam.exp_avg.g",
                   "adam.exp_avg_sq.g"}));
  EXPECT_EQ(names_of(OptimizerType::kMuon),
            (Names{"muon.momentum.m", "adam.step", "adam.exp_avg.g", "adam.exp_avg_sq.g"}));
  EXPECT_EQ(names_of(OptimizerType::kNorMuon),
            (Names{"muon.momentum.m", "muon.row_squares.m", "adam.step", "adam.exp_avg.g",
                   "adam.exp_avg_sq.g"}));
  EXPECT_EQ(names_of(OptimizerType::kLion), (Names{"lion.momentum.m", "lion.momentum.g"}));
  EXPECT_EQ(names_of(OptimizerType::kLamb),
            (Names{"lamb.step", "lamb.exp_avg.m", "lamb.exp_avg_sq.m", "lamb.exp_avg.g",
                   "lamb.exp_avg_sq.g"}));
  EXPECT_EQ(
      names_of(OptimizerType::kAdafactor),
      (Names{"adafactor.step", "adafactor.row.m", "adafactor.column.m", "adafactor.square.g"}));
  EXPECT_EQ(names_of(OptimizerType::kSgd), (Names{"sgd.momentum.m", "sgd.momentum.g"}));
}

TEST(Optimizer, ContinuesToTheByteFromRestoredState) {
  for (const at::ScalarType compute_type : {at::kFloat, at::kBFloat16}) {
    for (const OptimizerType type : kAllTypes) {
      const auto straight = small_model(compute_type), resumed = small_model(compute_type);
      auto optimizer = make_optimizer(options_of(type), straight);
      const auto run = [](Optimizer& moving, const ops::WeightList& weights, int from, int to) {
        for (int update = from; update < to; ++update) {
          fill_gradients(weights, update);
          (void)moving.step({.learning_rate_factor = 1.0 / (1 + update)});
        }
      };
      run(*optimizer, straight, 0, 3);
      const auto values = copies(masters(straight)), state = copies(optimizer->state());
      run(*optimizer, straight, 3, 6);

      auto restored = make_optimizer(options_of(type), resumed);
      for (std::size_t i = 0; i < resumed.size(); ++i) resumed[i]->master.copy_(values[i].second);
      auto live = restored->state();
      ASSERT_EQ(live.size(), state.size());
      for (std::size_t i = 0; i < live.size(); ++i) {
        ASSERT_EQ(live[i].first, state[i].first);
        live[i].second.copy_(state[i].second);
      }
      run(*restored, resumed, 3, 6);
      for (std::size_t i = 0; i < resumed.size(); ++i) {
        EXPECT_TRUE(same_bytes(resumed[i]->master, straight[i]->master)) << resumed[i]->name;
      }
    }
  }
}

TEST(Optimizer, RefusesToBeMadeForNothing) { EXPECT_THROW((void)make_optimizer({}, {}), Error); }

}  // namespace
}  // namespace cram::optim
