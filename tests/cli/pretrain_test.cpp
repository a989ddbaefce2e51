// `cram pretrain` as its users meet it: the whole way, and everything that goes wrong on it.
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel = "runs/tiny/model/model.safetensors";

std::vector<nlohmann::json> events(const Workspace& workspace) {
  std::vector<nlohmann::json> list;
  std::istringstream lines(workspace.file("runs/tiny/events.jsonl"));
  for (std::string line; std::getline(lines, line);) list.push_back(nlohmann::json::parse(line));
  return list;
}

int count(const std::vector<nlohmann::json>& list, const std::string& kind) {
  return static_cast<int>(std::count_if(list.begin(), list.end(), [&](const nlohmann::json& event) {
    return event.at("event") == kind;
  }));
}

TEST(Pretrain, GoesFromTextToAModelThatFillsMasks) {
  const Workspace workspace;
  const Finished result = workspace.run(Workspace::pretrain());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("held-out loss"), HasSubstr("runs/tiny")));
  for (const char* name : {"recipe.yaml", "build.json", "events.jsonl", "report.html",
                           "tensorboard", "model/model.safetensors", "model/config.json",
                           "model/tokenizer.json", "model/vocab.txt"}) {
    EXPECT_TRUE(workspace.has(std::string("runs/tiny/") + name)) << name;
  }
  const auto list = events(workspace);
  EXPECT_EQ(list.front().at("event"), "started");
  EXPECT_EQ(list.back().at("event"), "finished");
  EXPECT_EQ(count(list, "validation"), 1);
  EXPECT_GE(count(list, "progress"), 2);

  const Finished blank = workspace.run(Workspace::command(
      {"fill-mask", "--checkpoint", "runs/tiny", "--json", "The [MASK] dog sees the old [MASK]."}));
  ASSERT_EQ(blank.exit_code, 0) << blank.errors;
  const auto guesses = nlohmann::json::parse(blank.output);
  ASSERT_EQ(guesses.at("masks").size(), 2U);
  EXPECT_EQ(guesses.at("masks")[0].size(), 5U);
  EXPECT_GE(guesses.at("masks")[0][0].at("probability"),
            guesses.at("masks")[0][1].at("probability"));

  const Finished three =
      workspace.run(Workspace::command({"fill-mask", "--checkpoint", "runs/tiny", "--json",
                                        "[MASK] is [MASK]", "The [MASK] sees.", "[MASK], [MASK]"}));
  ASSERT_EQ(three.exit_code, 0) << three.errors;
  std::istringstream lines(three.output);
  for (const char* text : {"[MASK] is [MASK]", "The [MASK] sees.", "[MASK], [MASK]"}) {
    std::string line;
    std::getline(lines, line);
    const auto filled = nlohmann::json::parse(line);
    EXPECT_EQ(filled.at("text"), text);
    EXPECT_EQ(filled.at("masks").size(), text == std::string("The [MASK] sees.") ? 1U : 2U);
  }
  EXPECT_EQ(workspace
                .run(Workspace::command(
                    {"fill-mask", "--checkpoint", "runs/tiny", "a [MASK]", "--no-such-option"}))
                .exit_code,
            2);

  write_file_atomic(workspace.folder / "bad.jsonl", "nonsense\n{}\n");
  const Finished bad = workspace.run(
      Workspace::command({"evaluate", "--checkpoint", "runs/tiny", "--text", "bad.jsonl"}));
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.errors, HasSubstr("bad.jsonl:1"));

  const Finished score = workspace.run(Workspace::command(
      {"evaluate", "--checkpoint", "runs/tiny/model", "--text", "text.txt", "--json"}));
  ASSERT_EQ(score.exit_code, 0) << score.errors;
  const double loss = nlohmann::json::parse(score.output).at("loss");
  EXPECT_GT(loss, 0.1);
  EXPECT_LT(loss, 4.0);  // chance is ln 150 = 5.0

  const Finished held_out = workspace.run(Workspace::command(
      {"evaluate", "--checkpoint", "runs/tiny", "--text", "text.txt", "--held-out", "--bytes",
       "1KiB", "--output", "scores/tiny.json", "--json"}));
  ASSERT_EQ(held_out.exit_code, 0) << held_out.errors;
  auto json = nlohmann::json::parse(workspace.file("scores/tiny.json"));
  EXPECT_EQ(json.at("model_hash").get<std::string>().size(), 16U);
  json.erase("model_hash");
  EXPECT_EQ(json, nlohmann::json::parse(held_out.output));
  EXPECT_TRUE(json.at("held_out_only"));
  EXPECT_THAT(json.at("bytes").get<int>(), testing::AllOf(testing::Ge(1024), testing::Lt(2048)));
}

TEST(Pretrain, ReusesThePreparedText) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  std::filesystem::remove(workspace.folder / "runs/tiny/run.lock");
  const auto caches = [&] {
    int folders = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(workspace.folder / "data/cache")) {
      if (entry.path().filename() == "corpus.json") ++folders;
    }
    return folders;
  };
  EXPECT_EQ(caches(), 1);
  ASSERT_EQ(workspace.run(Workspace::pretrain({"name=again", "budget.steps=2"})).exit_code, 0);
  EXPECT_EQ(caches(), 1);
  ASSERT_EQ(
      workspace.run(Workspace::pretrain({"name=longer", "budget.steps=2", "sequence.length=16"}))
          .exit_code,
      0);
  EXPECT_EQ(caches(), 2);
}

TEST(Pretrain, SaysSoWhenTheRunIsFinishedAlready) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  const std::string model = workspace.file(kModel);
  const Finished again = workspace.run(Workspace::pretrain({"budget.steps=2"}));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.errors, HasSubstr("finished already"));
  EXPECT_EQ(workspace.file(kModel), model);
}

class PretrainStoppedBy : public testing::TestWithParam<int> {};

TEST_P(PretrainStoppedBy, SavesAndGoesOnToTheSameBytes) {
  const Workspace whole;
  ASSERT_EQ(whole.run(Workspace::pretrain({"budget.steps=150"})).exit_code, 0);

  const Workspace stopped;
  {
    Process process(Workspace::pretrain({"budget.steps=150"}),
                    {.folder = stopped.folder.path(), .file_size_limit = {}});
    ASSERT_TRUE(stopped.wait_until_trained(process));
    process.signal(GetParam());
    EXPECT_EQ(process.wait().exit_code, 128 + GetParam());
  }
  ASSERT_FALSE(stopped.has(kModel)) << "the run was over before the signal came";
  const Finished rest = stopped.run(Workspace::pretrain({"budget.steps=150"}));
  ASSERT_EQ(rest.exit_code, 0) << rest.errors;
  EXPECT_EQ(stopped.file(kModel), whole.file(kModel));
  EXPECT_EQ(count(events(stopped), "resumed"), GetParam() == SIGKILL ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(Signals, PretrainStoppedBy, testing::Values(SIGINT, SIGTERM, SIGKILL));

TEST(Pretrain, SurvivesBeingKilledAtAnyMoment) {
  const Workspace workspace;
  const auto command = Workspace::pretrain({"budget.steps=60", "checkpoint.every=1ms"});
  int finished = -1;
  for (int attempt = 0; attempt < 40 && finished != 0; ++attempt) {
    Process process(command, {.folder = workspace.folder.path(), .file_size_limit = {}});
    if (process.wait_until([] { return false; }, 0.3 + 0.17 * attempt)) FAIL();
    process.signal(SIGKILL);
    finished = process.wait().exit_code;
  }
  EXPECT_EQ(finished, 0);
  EXPECT_TRUE(workspace.has(kModel));
}

TEST(Pretrain, StopsCleanlyWhileItPreparesText) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "text.txt", synthetic_text(60'000));
  Process process(Workspace::pretrain(),
                  {.folder = workspace.folder.path(), .file_size_limit = {}});
  ASSERT_TRUE(process.wait_until([&] { return workspace.has("data/cache"); }, 30));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait().exit_code, 128 + SIGTERM);
  EXPECT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
}

TEST(Pretrain, GoesOnUnderNohupWhenTheTerminalEnds) {
  const Workspace workspace;
  Process process({"/bin/sh", "-c",
                   std::string("trap '' HUP; exec ") + CRAM_BINARY +
                       " pretrain --config recipe.yaml budget.steps=100"},
                  {.folder = workspace.folder.path(), .file_size_limit = {}});
  ASSERT_TRUE(process.wait_until([&] { return workspace.has("runs/tiny/events.jsonl"); }, 60));
  process.signal(SIGHUP);
  EXPECT_EQ(process.wait().exit_code, 0);
}

TEST(Pretrain, NeverTrainsOverAFinishedModel) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain()).exit_code, 0);
  std::filesystem::remove_all(workspace.folder / "runs/tiny/checkpoints");
  const std::string model = workspace.file(kModel);
  const Finished again = workspace.run(Workspace::pretrain());
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.errors, HasSubstr("finished already"));
  EXPECT_EQ(workspace.run(Workspace::pretrain({"seed=7"})).exit_code, 2);
  const auto longer = Workspace::pretrain({"budget.steps=50", "--allow-change", "budget.steps"});
  EXPECT_EQ(workspace.run(longer).exit_code, 2) << "there is no checkpoint to go on from";
  EXPECT_EQ(workspace.file(kModel), model);
}

TEST(Pretrain, SaysSoWhenItStartsOverBecauseCheckpointsAreGone) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain()).exit_code, 0);
  std::filesystem::remove_all(workspace.folder / "runs/tiny/checkpoints");
  std::filesystem::remove_all(workspace.folder / "runs/tiny/model");
  const Finished again = workspace.run(Workspace::pretrain());
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.errors, HasSubstr("starts over"));
}

TEST(Pretrain, RefusesToGoOnWithAnotherTokenizer) {
  const Workspace workspace;
  {
    Process process(Workspace::pretrain({"budget.steps=100000"}),
                    {.folder = workspace.folder.path(), .file_size_limit = {}});
    ASSERT_TRUE(workspace.wait_until_trained(process));
    process.signal(SIGTERM);
    ASSERT_EQ(process.wait().exit_code, 128 + SIGTERM);
  }
  write_file_atomic(workspace.folder / "text.txt", synthetic_text(300) + "\n\nzebras quiz\n");
  const Finished rest = workspace.run(Workspace::pretrain({"budget.steps=100000"}));
  EXPECT_EQ(rest.exit_code, 3);
  EXPECT_THAT(rest.errors, HasSubstr("another tokenizer"));
}

// One of the two is not what this machine would choose.
TEST(Pretrain, StaysWithThePrecisionThatItBeganWith) {
  for (const std::string precision : {"fp32", "bf16"}) {
    const Workspace workspace;
    ASSERT_EQ(workspace.run(Workspace::pretrain({"precision.compute=" + precision})).exit_code, 0);
    std::vector<std::string> command = {"precision.compute=auto", "budget.steps=50"};
    for (const char* key : {"budget.steps", "precision.compute", "precision.initial_loss_scale",
                            "precision.loss_scale_growth_interval"}) {
      command.insert(command.end(), {"--allow-change", key});
    }
    const Finished rest = workspace.run(Workspace::pretrain(command));
    ASSERT_EQ(rest.exit_code, 0) << rest.errors;
    EXPECT_THAT(rest.errors, HasSubstr(precision == "fp32" ? "Float (as the run began)"
                                                           : "BFloat16 (as the run began)"));
    EXPECT_THAT(rest.errors, Not(HasSubstr("not bit for bit")));
  }
}

TEST(Pretrain, LooksAtTheDeviceBeforeItPreparesText) {
  const Workspace workspace;
  const Finished result = workspace.run(Workspace::pretrain({"device.type=cuda:99"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_FALSE(workspace.has("data/cache"));
}

TEST(Pretrain, LetsOneProcessAtATimeIntoARunFolder) {
  const Workspace workspace;
  Process first(Workspace::pretrain({"budget.steps=100000"}),
                {.folder = workspace.folder.path(), .file_size_limit = {}});
  ASSERT_TRUE(first.wait_until([&] { return workspace.has("runs/tiny/events.jsonl"); }, 60));
  const Finished second = workspace.run(Workspace::pretrain({"budget.steps=100000"}));
  EXPECT_EQ(second.exit_code, 6);
  EXPECT_THAT(second.errors, HasSubstr("in use by process"));
}

TEST(Pretrain, KeepsTheLastCheckpointWhenTheDiskFills) {
  const Workspace workspace;
  const auto steps = [](const char* count) {
    return Workspace::pretrain({std::string("budget.steps=") + count, "--allow-change",
                                "budget.steps", "--allow-change", "schedule"});
  };
  ASSERT_EQ(workspace.run(steps("5")).exit_code, 0);
  // The weights take some 100 KiB; no file may grow beyond 20.
  const Finished full =
      run(steps("20"), {.folder = workspace.folder.path(), .file_size_limit = 20 << 10});
  EXPECT_EQ(full.exit_code, 6) << full.errors;
  EXPECT_THAT(full.errors, HasSubstr("error: "));
  const Finished after = workspace.run(steps("20"));
  ASSERT_EQ(after.exit_code, 0) << after.errors;
  EXPECT_THAT(workspace.file("runs/tiny/events.jsonl"), HasSubstr("resumed"));
}

TEST(Pretrain, FallsBackToAnOlderCheckpointWhenTheNewestIsDamaged) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"checkpoint.every=1ms"})).exit_code, 0);
  std::vector<std::filesystem::path> checkpoints;
  for (const auto& entry :
       std::filesystem::directory_iterator(workspace.folder / "runs/tiny/checkpoints")) {
    checkpoints.push_back(entry.path());
  }
  ASSERT_EQ(checkpoints.size(), 2U);
  const auto newest = *std::max_element(checkpoints.begin(), checkpoints.end());
  for (const auto& entry : std::filesystem::directory_iterator(newest)) {
    std::string bytes = read_file(entry.path());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file_atomic(entry.path(), bytes);
  }
  const std::string model = workspace.file(kModel);
  std::filesystem::remove_all(workspace.folder / "runs/tiny/model");
  const Finished again = workspace.run(Workspace::pretrain({"checkpoint.every=1ms"}));
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.errors, HasSubstr("warning: "));
  EXPECT_EQ(workspace.file(kModel), model);
}

TEST(Pretrain, RefusesToContinueWithAnotherModel) {
  const Workspace workspace;
  ASSERT_EQ(workspace.run(Workspace::pretrain({"budget.steps=2"})).exit_code, 0);
  const Finished other = workspace.run(Workspace::pretrain({"budget.steps=2", "model.layers=3"}));
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.errors, AllOf(HasSubstr("model.layers: 2 -> 3"), HasSubstr("hint: ")));
  EXPECT_EQ(
      workspace.run(Workspace::pretrain({"budget.steps=2", "model.layers=3", "--fresh"})).exit_code,
      0);
  EXPECT_TRUE(workspace.has("runs/tiny.1/model"));
}

}  // namespace
}  // namespace cram::test
