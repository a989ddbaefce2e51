#include "cram/study/runner.h"

#include <chrono>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"

#include "support/temp_folder.h"

namespace cram::study {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A study of three runs, and a stand-in for cram.
class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    std::ofstream(folder_ / "r.yaml") << "budget: {steps: 10}\ndata: {sources: text}\n";
    std::ofstream(folder_ / "s.yaml") << "recipe: r.yaml\nvariants: {a: , b: , c: }\n";
    study_ = recipe::load_study(folder_ / "s.yaml", folder_.path());
  }
  ~RunnerTest() override { interrupt::clear(); }

  // `script` sees what cram would be asked for as its arguments.
  RunnerOptions options(const std::string& script) {
    const auto program = folder_ / "cram";
    std::ofstream(program) << "#!/bin/bash\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    RunnerOptions made;
    made.program = program;
    made.log_folder = folder_ / "logs";
    return made;
  }

  [[nodiscard]] std::string log(const std::string& run) const {
    return read_file(folder_ / "logs" / (run + ".log"));
  }

  test::TempFolder folder_;
  recipe::Study study_;
};

TEST_F(RunnerTest, AsksForEachRunInTurn) {
  EXPECT_THAT(run_study(study_, options("echo \"$@\"")), IsEmpty());
  EXPECT_THAT(log("a-0"), AllOf(HasSubstr("pretrain --config"), HasSubstr("seed=0 name=a-0")));
  EXPECT_THAT(log("c-0"), HasSubstr("name=c-0"));
}

TEST_F(RunnerTest, GoesOnWithTheOthersWhenOneFails) {
  const auto failed = run_study(study_, options("[[ \"$*\" != *name=b-0* ]] || exit 5"));
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].name, "b-0");
  EXPECT_EQ(failed[0].exit_code, 5);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "logs" / "c-0.log"));
}

TEST_F(RunnerTest, SaysThatASignalEndedARun) {
  const auto failed = run_study(study_, options("[[ \"$*\" != *name=a-0* ]] || kill -9 $$"));
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].exit_code, 137);
}

TEST_F(RunnerTest, FineTunesARunThatHasEnded) {
  std::ofstream(folder_ / "s.yaml") << "recipe: r.yaml\nvariants: {a: , b: }\n"
                                       "glue: {tasks: [rte, sst2], settings: [finetune.seeds=1]}\n";
  study_ = recipe::load_study(folder_ / "s.yaml", folder_.path());
  const auto failed =
      run_study(study_, options("echo \"$@\"; [[ \"$*\" != pretrain*name=a-0* ]] || exit 5"));
  EXPECT_EQ(failed.size(), 1U);
  EXPECT_THAT(log("a-0"), Not(HasSubstr("finetune --checkpoint"))) << "there is no model";
  const std::string folder = (folder_ / "s").string();
  EXPECT_THAT(log("b-0"),
              AllOf(HasSubstr("pretrain "), HasSubstr("\nfinetune --checkpoint " + folder +
                                                      "/runs/b-0 --data data/glue "
                                                      "--output " +
                                                      folder +
                                                      "/glue/b-0 --fresh-if-other finetune.seeds=1 "
                                                      "--task rte --task sst2\n")));
}

TEST_F(RunnerTest, ScoresARunThatHasEndedOnTheText) {
  std::ofstream(folder_ / "s.yaml") << "recipe: r.yaml\nvariants: {a: }\ntext: [there, here.txt]\n"
                                       "glue: {tasks: [rte]}\n";
  study_ = recipe::load_study(folder_ / "s.yaml", folder_.path());
  EXPECT_THAT(run_study(study_, options("echo \"$@\"")), IsEmpty());
  const std::string folder = (folder_ / "s").string();
  EXPECT_THAT(log("a-0"), HasSubstr("\nevaluate --held-out --checkpoint " + folder +
                                    "/runs/a-0 --device auto --output " + folder +
                                    "/text/a-0.json --text there --text here.txt\nfinetune "));
}

TEST_F(RunnerTest, LeavesScoresAloneAndToFineTuning) {
  std::ofstream(folder_ / "s.yaml") << "recipe: r.yaml\nvariants: {a: }\nglue: {tasks: [rte]}\n";
  study_ = recipe::load_study(folder_ / "s.yaml", folder_.path());
  std::filesystem::create_directories(folder_ / "s/glue/a-0");
  std::ofstream(folder_ / "s/glue/a-0/results.json") << "[]";
  EXPECT_EQ(run_study(study_, options("[[ \"$*\" != pretrain* ]] || exit 2")).size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "s/glue/a-0/results.json"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "s/glue/a-0.1"));
}

TEST_F(RunnerTest, GivesEachGpuARunAtATime) {
  RunnerOptions on_gpus = options("echo on $CUDA_VISIBLE_DEVICES; sleep 0.3");
  on_gpus.gpus = {"3", "5"};
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(run_study(study_, on_gpus), IsEmpty());
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  const std::string first = log("a-0"), second = log("b-0");
  EXPECT_NE(first, second) << "the first two run side by side";
  EXPECT_THAT(first + second, AllOf(HasSubstr("on 3"), HasSubstr("on 5")));
  EXPECT_GT(spent.count(), 0.55) << "the third waits for a GPU";
}

TEST_F(RunnerTest, TakesItsPartOfTheRuns) {
  RunnerOptions second = options("echo ran");
  second.part = {.number = 1, .count = 2};
  EXPECT_THAT(run_study(study_, second), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "logs" / "a-0.log"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "logs" / "b-0.log"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "logs" / "c-0.log"));
}

TEST_F(RunnerTest, StopsItsRunsWhenItIsStopped) {
  const RunnerOptions slow = options(
      "trap 'echo saved; exit 143' TERM; echo started; for i in {1..200}; do sleep 0.05; done");
  std::thread user([&] {
    const auto begun = folder_ / "logs" / "a-0.log";
    while (!std::filesystem::exists(begun) || read_file(begun).empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    interrupt::request_stop(SIGTERM);
  });
  EXPECT_THROW((void)run_study(study_, slow), Interrupted);
  user.join();
  EXPECT_THAT(log("a-0"), HasSubstr("saved"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "logs" / "b-0.log"));
}

TEST_F(RunnerTest, SaysThatAProgramIsNotThere) {
  RunnerOptions nothing = options("");
  nothing.program = folder_ / "nowhere";
  const auto failed = run_study(study_, nothing);
  ASSERT_EQ(failed.size(), 3U);
  EXPECT_EQ(failed[0].exit_code, 127);
}

}  // namespace
}  // namespace cram::study
