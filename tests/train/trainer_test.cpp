#include "cram/train/trainer.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/interrupt.h"

#include "small_run.h"

namespace cram::train {
namespace {

using test::run_until_stopped;
using test::Session;
using test::SmallRun;
using testing::HasSubstr;

class TrainerTest : public testing::Test {
 protected:
  void SetUp() override { interrupt::clear(); }
  void TearDown() override { interrupt::clear(); }

  SmallRun run_;
};

TEST_F(TrainerTest, SpendsAStepBudgetAndLowersTheLoss) {
  Session session(run_.recipe({"budget.steps=60", "optimizer.learning_rate=1e-2"}),
                  run_.folder / "checkpoints");
  const double before = score(*session.engine.model, *session.data.held_out, {16, 0.15, 8})->loss;
  const Outcome outcome = session.trainer.run();
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.position.step, 60);
  EXPECT_EQ(outcome.position.sequences, 60 * 8);
  EXPECT_EQ(outcome.position.tokens, 60 * 8 * 16);
  ASSERT_TRUE(outcome.score.has_value());
  EXPECT_LT(outcome.score->loss, before - 0.5);
}

TEST_F(TrainerTest, ValidatesAtTheSharesOfTheRecipe) {
  Session session(run_.recipe({"validation.at=[0, 0.25, 0.5, 1.0]"}), run_.folder / "checkpoints");
  (void)session.trainer.run();
  std::vector<std::int64_t> steps;
  for (const auto& validation : session.log.of<report::Validation>()) {
    steps.push_back(validation.step);
    EXPECT_EQ(validation.masked_tokens, 512 / 16 * 2);  // round(0.15 * 16) a sequence
  }
  EXPECT_THAT(steps, testing::ElementsAre(0, 3, 6, 12));
}

// The heart of "never loses work": a run that is stopped and continued, at any update and even in
// the middle of an update, ends in the same bytes as one that was left alone.
TEST_F(TrainerTest, GivesTheSameBytesWhenItIsStoppedAndContinued) {
  const std::vector<std::string> options = {"logging.every=1ms",
                                            "optimizer.type=muon",
                                            "model.dropout=0.1",
                                            "batch.ramp=0.5",
                                            "batch.size=16",
                                            "objective.masking_rate_end=0.15",
                                            "sequence.start_length=8",
                                            "model.input_shortcut=true",
                                            "sequence.document_mask=true"};
  Session whole(run_.recipe(options), run_.folder / "uninterrupted");
  (void)whole.trainer.run();
  for (const int stops : {1, 5, 11}) {
    std::filesystem::remove_all(run_.folder / "checkpoints");
    EXPECT_EQ(run_until_stopped(run_.recipe(options), run_.folder / "checkpoints", stops).signal,
              SIGTERM);
    Session rest(run_.recipe(options), run_.folder / "checkpoints");
    const Outcome outcome = rest.trainer.run();
    EXPECT_EQ(outcome.position.step, 12);
    EXPECT_EQ(rest.bytes(), whole.bytes()) << "stopped after " << stops;
  }
}

TEST_F(TrainerTest, LearnsAndMeasuresOtherwiseWhereDocumentsAreMasked) {
  Session plain(run_.recipe(), run_.folder / "plain");
  Session masked(run_.recipe({"sequence.document_mask=true"}), run_.folder / "masked");
  const auto loss = [](const Session& session) {
    return score(*session.engine.model, *session.data.held_out, {16, 0.15, 8})->loss;
  };
  EXPECT_EQ(plain.bytes(), masked.bytes());
  EXPECT_NE(loss(plain), loss(masked));
  (void)plain.trainer.run();
  (void)masked.trainer.run();
  EXPECT_NE(plain.bytes(), masked.bytes());
}

TEST_F(TrainerTest, KeepsAnAverageWithTheSameBytesWhenItIsStoppedAndContinued) {
  for (const char* type : {"ema", "latest"}) {
    const std::vector<std::string> options = {"logging.every=1ms",
                                              std::string("averaging.type=") + type};
    Session whole(run_.recipe(options), run_.folder / type / "uninterrupted");
    const Outcome expected = whole.trainer.run();
    (void)run_until_stopped(run_.recipe(options), run_.folder / type / "parts", 7);
    Session rest(run_.recipe(options), run_.folder / type / "parts");
    const Outcome outcome = rest.trainer.run();
    EXPECT_EQ(rest.bytes(), whole.bytes()) << type;
    EXPECT_EQ(outcome.average.value().loss, expected.average.value().loss) << type;
  }
}

TEST_F(TrainerTest, MeasuresTheAverageBesideTheWeightsThatItLeavesAsTheyAre) {
  Session plain(run_.recipe(), run_.folder / "plain");
  (void)plain.trainer.run();
  Session averaging(run_.recipe({"averaging.type=ema", "averaging.decay=0.8"}),
                    run_.folder / "averaging");
  const Outcome outcome = averaging.trainer.run();
  const auto raw = plain.log.of<report::Validation>();
  const auto both = averaging.log.of<report::Validation>();
  ASSERT_EQ(both.size(), raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    EXPECT_EQ(both[i].loss, raw[i].loss);
    EXPECT_FALSE(raw[i].average_loss.has_value());
    ASSERT_TRUE(both[i].average_loss.has_value());
    // The loss falls all the way, so a mean with weights from before is behind.
    EXPECT_GT(*both[i].average_loss, both[i].loss);
  }
  const optim::WeightAverage::Placed placed(*averaging.engine.average);
  const double loss = score(*averaging.engine.model, *averaging.data.held_out,
                            {512 / 16, 0.15, averaging.engine.micro_batch})
                          ->loss;
  EXPECT_DOUBLE_EQ(loss, outcome.average.value().loss);
}

TEST_F(TrainerTest, GivesTheSameBytesTwice) {
  Session four(run_.recipe({"batch.micro_batch=4"}), run_.folder / "four");
  Session again(run_.recipe({"batch.micro_batch=4"}), run_.folder / "again");
  (void)four.trainer.run();
  (void)again.trainer.run();
  EXPECT_EQ(four.bytes(), again.bytes());
}

TEST_F(TrainerTest, AveragesOverMicroBatches) {
  Session split(run_.recipe({"batch.micro_batch=2", "budget.steps=3"}), run_.folder / "split");
  Session whole(run_.recipe({"batch.micro_batch=8", "budget.steps=3"}), run_.folder / "whole");
  const double first = split.trainer.run().score->loss;
  const double second = whole.trainer.run().score->loss;
  EXPECT_NEAR(first, second, 1e-4);
}

// Advances a manual clock by one second a reading, so that time is a matter of counting.
class TickingClock : public Clock {
 public:
  [[nodiscard]] Seconds now() const override { return now_ += Seconds(1); }

 private:
  mutable Seconds now_{0};
};

TEST_F(TrainerTest, SpendsATimeBudgetWithoutOverrunningItByMoreThanAPass) {
  const TickingClock clock;
  Session session(run_.recipe({"budget.time=100s"}), run_.folder / "checkpoints", &clock);
  const Outcome outcome = session.trainer.run();
  EXPECT_GE(outcome.position.spent, Seconds(100));
  EXPECT_LE(outcome.position.spent, Seconds(110));
}

TEST_F(TrainerTest, ChargesTimeOnceOverRestarts) {
  const recipe::Recipe recipe = run_.recipe({"budget.time=300s", "logging.every=1ms"});
  Seconds spent{0};
  for (int restart = 0; restart < 5; ++restart) {
    const TickingClock clock;
    const Outcome outcome = run_until_stopped(recipe, run_.folder / "checkpoints", 2, &clock);
    EXPECT_GT(outcome.position.spent, spent);
    spent = outcome.position.spent;
  }
  const TickingClock clock;
  Session last(recipe, run_.folder / "checkpoints", &clock);
  const Outcome outcome = last.trainer.run();
  EXPECT_LE(outcome.position.spent, Seconds(310));
}

TEST_F(TrainerTest, ValidatesWhatIsDueWhenTheSharesChangeOnTheWay) {
  ASSERT_EQ(run_until_stopped(run_.recipe({"logging.every=1ms", "validation.at=[0.1, 0.2, 0.3]"}),
                              run_.folder / "checkpoints", 6)
                .signal,
            SIGTERM);
  Session rest(run_.recipe({"validation.at=[0.1, 0.6, 0.8]"}), run_.folder / "checkpoints");
  (void)rest.trainer.run();
  std::vector<std::int64_t> steps;
  for (const auto& validation : rest.log.of<report::Validation>()) steps.push_back(validation.step);
  EXPECT_THAT(steps, testing::ElementsAre(8, 10, 12));
}

TEST_F(TrainerTest, ReportsARunThatDiverges) {
  Session session(run_.recipe({"optimizer.learning_rate=1e30", "optimizer.clip_norm=0",
                               "budget.steps=100", "logging.every=1ms"}),
                  run_.folder / "checkpoints");
  try {
    (void)session.trainer.run();
    FAIL() << "a learning rate of 1e30 went well";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDiverged);
    EXPECT_THAT(error.what(), HasSubstr("not finite"));
  }
}

TEST_F(TrainerTest, RefusesTheStateOfAnotherModel) {
  {
    Session session(run_.recipe({"budget.steps=1"}), run_.folder / "checkpoints");
    (void)session.trainer.run();
  }
  try {
    const Session other(run_.recipe({"model.layers=3"}), run_.folder / "checkpoints");
    FAIL() << "took the weights of a smaller model";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("layers.2"));
  }
}

TEST_F(TrainerTest, PutsTheRecipeIntoEachCheckpoint) {
  Session session(run_.recipe({"budget.steps=1"}), run_.folder / "checkpoints");
  (void)session.trainer.run();
  const auto state = session.store.load_latest();
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(recipe::parse(state->recipe, "checkpoint"), session.recipe);
}

TEST_F(TrainerTest, MayChangeTheComputeTypeOnTheWay) {
  (void)run_until_stopped(run_.recipe({"logging.every=1ms"}), run_.folder / "checkpoints", 5);
  Session rest(run_.recipe({"precision.compute=fp16"}), run_.folder / "checkpoints");
  EXPECT_EQ(rest.trainer.position().step, 5);
}

}  // namespace
}  // namespace cram::train
