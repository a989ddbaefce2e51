// `cram study` as its users meet it.
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace cram::test
