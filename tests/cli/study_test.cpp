// `cram study` as its users meet it.
#include <cstring>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_glue.h"
#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kStudy = R"(recipe: recipe.yaml
settings: [budget.steps=12, "validation.at=[0.5, 1.0]"]
variants:
  as-it-is: {seeds: [0, 1]}
  no-gate: [model.gated=false]
)";

std::vector<std::string> study(const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"study", "sizes.yaml"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Workspace::command(arguments);
}

TEST(Study, TrainsEveryVariantOnceAndComparesThem) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "sizes.yaml", kStudy);
  const Finished half = workspace.run(study({"--part", "1/2"}));
  ASSERT_EQ(half.exit_code, 0) << half.errors;
  EXPECT_THAT(half.output, HasSubstr("as-it-is  1 of 2"));
  const Finished whole = workspace.run(study());
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  EXPECT_THAT(whole.errors, HasSubstr("1 runs to do"));
  EXPECT_THAT(whole.output, AllOf(HasSubstr("as-it-is  2 of 2"), HasSubstr("no-gate   1 of 1"),
                                  HasSubstr("studies/sizes/report.html")));
  const auto results = nlohmann::json::parse(workspace.file("studies/sizes/results.json"));
  ASSERT_EQ(results.at("runs").size(), 3U);
  for (const auto& run : results.at("runs")) {
    EXPECT_EQ(run.at("state"), "finished");
    EXPECT_EQ(run.at("curve").size(), 2U);
  }
  EXPECT_TRUE(workspace.has("studies/sizes/report.html"));
  const Finished again = workspace.run(study());
  EXPECT_THAT(again.errors, HasSubstr("0 runs to do"));
  EXPECT_EQ(again.output, whole.output);
}

TEST(Study, ScoresEveryModelOnTheSameText) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "sizes.yaml", R"(recipe: recipe.yaml
settings: [budget.steps=2]
text: [text.txt]
variants:
  as-it-is:
  short: [tokenizer.vocab_size=120]
)");
  const Finished whole = workspace.run(study());
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  EXPECT_THAT(whole.output, HasSubstr("loss on text"));
  const auto results = nlohmann::json::parse(workspace.file("studies/sizes/results.json"));
  for (const auto& variant : results.at("variants")) {
    EXPECT_GT(variant.at("text_loss").at("median"), 3.0) << "two updates teach little";
    EXPECT_GT(variant.at("text_bits_per_byte").at("median"), 1.0);
  }
  const auto text_of = [&](const char* run) {
    return nlohmann::json::parse(workspace.file("studies/sizes/text/" + std::string(run) + ".json"))
        .at("text_hash");
  };
  EXPECT_EQ(text_of("as-it-is-0"), text_of("short-0"));
  EXPECT_THAT(workspace.run(study()).errors, HasSubstr("0 runs to do"));
  std::filesystem::remove(workspace.folder / "studies/sizes/text/short-0.json");
  const Finished again = workspace.run(study());
  EXPECT_THAT(again.errors, HasSubstr("1 runs to do"));
  EXPECT_EQ(again.output, whole.output) << "the same score, of the same model";
}

TEST(Study, MissesItsTextBeforeItTrains) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "sizes.yaml", kStudy + std::string("text: [nowhere]\n"));
  const Finished result = workspace.run(study());
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("nowhere"));
  EXPECT_FALSE(workspace.has("studies/sizes/runs"));
}

TEST(Study, EndsWithTheCodeOfARunThatFailed) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "sizes.yaml",
                    std::string(kStudy) + "  lost: [\"data.sources=[nowhere.txt]\"]\n");
  const Finished result = workspace.run(study());
  EXPECT_EQ(result.exit_code, 3) << result.errors;
  EXPECT_THAT(result.errors, AllOf(HasSubstr("1 of the runs failed, first lost-0"),
                                   HasSubstr("hint: studies/sizes/logs/lost-0.log says why")));
  EXPECT_THAT(workspace.file("studies/sizes/logs/lost-0.log"), HasSubstr("nowhere.txt"));
  EXPECT_THAT(result.output, HasSubstr("no-gate   1 of 1"));
}

TEST(Study, RefusesAWrongPart) {
  const Workspace workspace;
  write_file_atomic(workspace.folder / "sizes.yaml", kStudy);
  for (const char* part : {"0/2", "3/2", "x", "1", "/", "1/", "-1/2"}) {
    const Finished result = workspace.run(study({"--part", part}));
    EXPECT_EQ(result.exit_code, 2) << part;
    EXPECT_THAT(result.errors, HasSubstr("--part")) << part;
  }
}

// A study of one model that is fine-tuned as well, finished.
class TunedStudy : public testing::Test {
 protected:
  TunedStudy() {
    write_glue(workspace_.folder / "glue");
    expect_success();
  }

  // `cram study` with more settings for the two.
  [[nodiscard]] Finished run(const std::string& pretraining = "", const std::string& tuning = "") {
    write_file_atomic(workspace_.folder / "sizes.yaml",
                      "recipe: recipe.yaml\nsettings: [budget.steps=2" + pretraining +
                          "]\nvariants: {a: }\nglue:\n  tasks: [rte]\n  data: glue\n  settings: [" +
                          "finetune.epochs=1, finetune.seeds=1, device.type=cpu, " +
                          "device.threads=1, precision.compute=fp32" + tuning + "]\n");
    return workspace_.run(study());
  }

  void expect_success(const std::string& pretraining = "", const std::string& tuning = "") {
    const Finished result = run(pretraining, tuning);
    ASSERT_EQ(result.exit_code, 0) << result.errors << log();
    errors_ = result.errors;
  }

  [[nodiscard]] std::string log() const { return workspace_.file("studies/sizes/logs/a-0.log"); }

  [[nodiscard]] auto time_of_first_seed() const {
    return std::filesystem::last_write_time(workspace_.folder /
                                            "studies/sizes/glue/a-0/rte/seed-0/result.json");
  }

  // The lowest bits of all weights, which stand behind a header whose length comes first.
  void change_model() const {
    const auto file = workspace_.folder / "studies/sizes/runs/a-0/model/model.safetensors";
    std::string content = read_file(file);
    std::uint64_t header = 0;
    std::memcpy(&header, content.data(), sizeof header);
    for (std::size_t i = sizeof header + header; i < content.size(); i += 4) content[i] ^= 1;
    write_file_atomic(file, content);
  }

  Workspace workspace_;
  std::string errors_;
};

TEST_F(TunedStudy, KeepsItsScoresWhenTheRunIsRefusedOrNothingChanges) {
  const auto before = time_of_first_seed();
  EXPECT_EQ(run(", budget.tokens=99").exit_code, 2) << "this run has taken two steps";
  EXPECT_FALSE(workspace_.has("studies/sizes/glue/a-0.1"));
  expect_success();
  EXPECT_THAT(errors_, HasSubstr("0 runs to do"));
  expect_success(", checkpoint.keep=3", ", logging.every=7s");
  EXPECT_THAT(errors_, HasSubstr("0 runs to do"));
  EXPECT_EQ(time_of_first_seed(), before);
}

TEST_F(TunedStudy, AddsSeedsToThoseThatAreDone) {
  const auto before = time_of_first_seed();
  expect_success("", ", finetune.seeds=2, checkpoint.keep=3");
  EXPECT_THAT(errors_, HasSubstr("1 runs to do"));
  EXPECT_EQ(time_of_first_seed(), before);
  EXPECT_TRUE(workspace_.has("studies/sizes/glue/a-0/rte/seed-1/result.json"));
  EXPECT_FALSE(workspace_.has("studies/sizes/glue/a-0.1"));
}

TEST_F(TunedStudy, DoesScoresOfAnotherModelOrRecipeAgain) {
  change_model();
  expect_success();
  EXPECT_THAT(errors_, HasSubstr("1 runs to do"));
  EXPECT_TRUE(workspace_.has("studies/sizes/glue/a-0.1/results.json"));
  EXPECT_THAT(log(), AllOf(HasSubstr("a-0 holds a run of another checkpoint"),
                           HasSubstr("the old run is now studies/sizes/glue/a-0.1")));
  expect_success("", ", batch.size=4");
  EXPECT_TRUE(workspace_.has("studies/sizes/glue/a-0.2/results.json"));
  EXPECT_THAT(log(), HasSubstr("batch.size: 16 -> 4"));
  expect_success("", ", batch.size=4");
  EXPECT_THAT(errors_, HasSubstr("0 runs to do"));
}

TEST_F(TunedStudy, NamesScoresThatItCannotRead) {
  write_file_atomic(workspace_.folder / "studies/sizes/glue/a-0/results.json", "[]");
  const Finished result = run();
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("studies/sizes/glue/a-0/results.json: "),
                                   HasSubstr("hint: remove the file")));
  const auto before = time_of_first_seed();
  std::filesystem::remove(workspace_.folder / "studies/sizes/glue/a-0/results.json");
  expect_success();
  EXPECT_TRUE(workspace_.has("studies/sizes/glue/a-0/results.json"));
  EXPECT_EQ(time_of_first_seed(), before);
}

}  // namespace
}  // namespace cram::test
