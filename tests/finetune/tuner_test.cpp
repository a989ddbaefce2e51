#include "cram/finetune/tuner.h"

#include <cmath>
#include <csignal>

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "cram/base/interrupt.h"
#include "cram/finetune/objective.h"
#include "cram/finetune/prediction.h"

#include "small_task.h"
#include "support/event_log.h"

namespace cram::finetune {
namespace {

// Time in which every update is a second or more, so that each is recorded.
class TickingClock final : public Clock {
 public:
  [[nodiscard]] Seconds now() const override { return now_ += Seconds(10); }

 private:
  mutable Seconds now_{0};
};

// Asks the run to stop when an update is recorded.
class StoppingLog : public cram::test::EventLog {
 public:
  void record(const report::Event& event) override {
    EventLog::record(event);
    const auto* progress = std::get_if<report::Progress>(&event);
    if (progress != nullptr && progress->step == stop_at) interrupt::request_stop(SIGTERM);
  }
  std::int64_t stop_at = -1;
};

// One process's worth of a job: everything is built anew.
class Session {
 public:
  Session(const recipe::Recipe& from, const std::filesystem::path& folder)
      : recipe(from),
        tokenizer(test::make_tokenizer(text_folder)),
        inputs(make_inputs(data.train, data, *tokenizer, {.max_length = 16})),
        model(test::pretraining_recipe().model, {16, tokenizer->vocab_size()},
              task_head(data, recipe.finetune), {}, 3),
        optimizer(optim::make_optimizer(recipe.optimizer, model.weights())),
        store(folder, 2),
        tuner({.recipe = recipe,
               .seed = 11,
               .model = model,
               .optimizer = *optimizer,
               .inputs = inputs,
               .problem = data.problem,
               .store = store,
               .events = log,
               .clock = clock,
               .environment = "{}"}) {
    if (const auto state = store.load_latest()) tuner.restore(*state);
  }

  // `stop_at`: the update after which a signal comes.
  int run(std::int64_t stop_at = -1) {
    log.stop_at = stop_at;
    return tuner.run([&](std::int64_t epoch) { epochs.push_back(epoch); });
  }

  [[nodiscard]] std::vector<at::Tensor> weights() const {
    std::vector<at::Tensor> copies;
    for (const auto& weight : model.weights()) copies.push_back(weight->master.detach().clone());
    return copies;
  }

  [[nodiscard]] double accuracy() const {
    const glue::Split& dev = data.dev.front();
    const auto dev_inputs = make_inputs(dev, data, *tokenizer, {.max_length = 16});
    const auto predictions = predict(model, dev_inputs, dev, data, prediction_options(data, false));
    return measure(predictions, dev, data, {glue::Metric::kAccuracy}).front().value;
  }

  cram::test::TempFolder text_folder;
  StoppingLog log;
  TickingClock clock;
  recipe::Recipe recipe;
  glue::DataSet data = test::make_data();
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::vector<Input> inputs;
  model::TaskModel model;
  std::unique_ptr<optim::Optimizer> optimizer;
  checkpoint::Store store;
  Tuner tuner;
  std::vector<std::int64_t> epochs;
};

class TunerTest : public testing::Test {
 protected:
  TunerTest() { at::set_num_threads(1); }
  ~TunerTest() override { interrupt::clear(); }

  [[nodiscard]] recipe::Recipe recipe(const std::vector<std::string>& overrides = {}) const {
    return test::tuning_recipe(folder_.path(), overrides);
  }

  cram::test::TempFolder folder_;
};

void expect_same(const std::vector<at::Tensor>& left, const std::vector<at::Tensor>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) EXPECT_TRUE(at::equal(left[i], right[i])) << i;
}

TEST_F(TunerTest, LearnsTheTask) {
  Session session(recipe({"finetune.epochs=12"}), folder_ / "a");
  EXPECT_EQ(session.run(), 0);
  EXPECT_GT(session.accuracy(), 0.95);
  EXPECT_EQ(session.tuner.position().step, 120);
  EXPECT_EQ(session.tuner.position().sequences, 12 * 160);
  EXPECT_EQ(session.epochs.size(), 12u);
}

TEST_F(TunerTest, GivesTheSameBytesAfterAStopInTheMiddleOfAnEpoch) {
  Session whole(recipe(), folder_ / "whole");
  whole.run();

  Session first(recipe(), folder_ / "parts");
  EXPECT_EQ(first.run(7), SIGTERM);
  EXPECT_EQ(first.tuner.position().step, 7);
  interrupt::clear();
  Session second(recipe(), folder_ / "parts");
  EXPECT_EQ(second.run(20), SIGTERM);  // at the end of an epoch
  interrupt::clear();
  Session third(recipe(), folder_ / "parts");
  EXPECT_EQ(third.run(), 0);
  EXPECT_EQ(third.tuner.position().step, 30);
  expect_same(third.weights(), whole.weights());
}

TEST_F(TunerTest, KeepsTheLastEpochWhenItsEvaluationIsInterrupted) {
  Session first(recipe(), folder_ / "a");
  EXPECT_EQ(first.tuner.run([&](std::int64_t epoch) {
    if (epoch < 3) return;
    interrupt::request_stop(SIGINT);
    interrupt::throw_if_stopped();
  }),
            SIGINT);
  interrupt::clear();
  Session second(recipe(), folder_ / "a");
  EXPECT_EQ(second.tuner.position().step, 30);
  EXPECT_EQ(second.run(), 0);
  EXPECT_EQ(second.epochs, std::vector<std::int64_t>{3});
  expect_same(second.weights(), first.weights());
}

TEST_F(TunerTest, GivesTheSameGradientsInMicroBatches) {
  Session whole(recipe({"finetune.dropout=0"}), folder_ / "a");
  Session parts(recipe({"finetune.dropout=0", "batch.micro_batch=5"}), folder_ / "b");
  whole.run();
  parts.run();
  const auto left = whole.weights(), right = parts.weights();
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_TRUE(at::allclose(left[i], right[i], 1e-2, 1e-4)) << i;
  }
}

TEST_F(TunerTest, WarmsUpOverASetNumberOfUpdatesEvenBeyondTheEnd) {
  Session session(recipe({"finetune.warmup_updates=300"}), folder_ / "a");
  session.run();
  const auto progress = session.log.of<report::Progress>();
  EXPECT_NEAR(progress.back().learning_rate, 3e-3 * 29 / 300, 1e-9);
}

TEST_F(TunerTest, ReportsTokensWithoutPadding) {
  Session session(recipe({"finetune.epochs=1"}), folder_ / "a");
  session.run();
  std::int64_t tokens = 0;
  for (const Input& input : session.inputs) tokens += input.length();
  EXPECT_EQ(session.tuner.position().tokens, tokens);
}

TEST_F(TunerTest, StopsWhenTheLossIsNotFinite) {
  Session session(recipe({"optimizer.learning_rate=1e30"}), folder_ / "a");
  try {
    session.run();
    FAIL() << "a diverged run went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDiverged);
  }
}

}  // namespace
}  // namespace cram::finetune
