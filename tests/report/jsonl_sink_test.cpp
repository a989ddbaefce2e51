#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/report/events.h"

#include "file_size_limit.h"
#include "sample_events.h"
#include "support/temp_folder.h"

namespace cram::report {
namespace {

using nlohmann::json;
using test::TempFolder;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

json record_one(const Event& event) {
  const TempFolder folder;
  make_jsonl_sink(folder / "events.jsonl")->record(event);
  const std::vector<std::string> lines = lines_of(folder / "events.jsonl");
  EXPECT_EQ(lines.size(), 1U);
  return json::parse(lines.at(0));
}

TEST(JsonlSink, WritesEveryMemberOfProgress) {
  json line = record_one(sample_progress());
  EXPECT_THAT(line["time"].get<std::string>(),
              MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
                           "\\.[0-9][0-9][0-9]Z"));
  line.erase("time");
  EXPECT_EQ(line, json::parse(R"({"event": "progress", "step": 1234, "tokens": 12345678,
    "seconds": 2320.0, "budget_share": 0.42, "seconds_left": 3080.0, "loss": 3.21434,
    "learning_rate": 4.2e-4, "gradient_norm": 1.25, "masking_rate": 0.25, "batch_size": 1536,
    "tokens_per_second": 10512.0, "gemm_share": 0.634, "skipped_updates": 0})"));
}

TEST(JsonlSink, SaysWhoseTheProgressIsWhereThereAreSeveralTasks) {
  Progress progress = sample_progress();
  progress.task = "rte";
  progress.seed = 3;
  const json line = record_one(progress);
  EXPECT_EQ(line.at("task"), "rte");
  EXPECT_EQ(line.at("seed"), 3);
}

TEST(JsonlSink, WritesEveryMemberOfValidation) {
  json line = record_one(sample_validation());
  line.erase("time");
  EXPECT_EQ(line, json::parse(R"({"event": "validation", "step": 1200, "tokens": 12000000,
    "seconds": 2300.0, "budget_share": 0.415, "loss": 3.1415, "accuracy": 0.4242,
    "masked_tokens": 150000})"));
}

TEST(JsonlSink, WritesWhatWasMeasuredOfAveragedWeights) {
  const json line = record_one(sample_validation_of_both());
  EXPECT_EQ(line.at("average_loss"), 3.0125);
  EXPECT_EQ(line.at("average_accuracy"), 0.4375);
}

TEST(JsonlSink, PutsTheDetailsOfANoteBesideItsKind) {
  json line = record_one(Note{"checkpoint", R"({"step": 7, "files": ["a", "b"], "event": "x"})"});
  line.erase("time");
  EXPECT_EQ(line, json::parse(R"({"event": "checkpoint", "step": 7, "files": ["a", "b"]})"));
}

TEST(JsonlSink, WritesNumbersThatAreNotFiniteAsNull) {
  Progress progress = sample_progress();
  progress.loss = std::numeric_limits<double>::quiet_NaN();
  progress.gradient_norm = std::numeric_limits<double>::infinity();
  const json line = record_one(progress);
  EXPECT_TRUE(line.at("loss").is_null());
  EXPECT_TRUE(line.at("gradient_norm").is_null());
}

TEST(JsonlSink, KeepsALineOneLineWhateverTheDetailsHold) {
  const json line = record_one(Note{"warning", "{\"message\": \"two\\nlines\\u0000\"}"});
  EXPECT_EQ(line["message"], std::string("two\nlines\0", 10));
}

TEST(JsonlSink, RefusesDetailsThatAreNoObject) {
  const TempFolder folder;
  const auto sink = make_jsonl_sink(folder / "events.jsonl");
  for (const char* details : {"", "[1]", "{", "nonsense"}) {
    EXPECT_THROW(sink->record(Note{"odd", details}), Error) << details;
  }
}

TEST(JsonlSink, AppendsAcrossRuns) {
  const TempFolder folder;
  make_jsonl_sink(folder / "events.jsonl")->record(sample_progress());
  make_jsonl_sink(folder / "events.jsonl")->record(sample_validation());
  EXPECT_EQ(lines_of(folder / "events.jsonl").size(), 2U);
}

TEST(JsonlSink, CompletesTheHalfWrittenLineOfAKilledRun) {
  const TempFolder folder;
  std::ofstream(folder / "events.jsonl") << "{\"event\": \"started\"}\n{\"event\": \"prog";
  make_jsonl_sink(folder / "events.jsonl")->record(sample_progress());
  const std::vector<std::string> lines = lines_of(folder / "events.jsonl");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], "{\"event\": \"prog");
  EXPECT_EQ(json::parse(lines[2])["event"], "progress");
}

TEST(JsonlSink, StartsOnANewLineAfterAFullDisk) {
  const TempFolder folder;
  const auto sink = make_jsonl_sink(folder / "events.jsonl");
  sink->record(sample_progress());
  {
    const FileSizeLimit limit(std::filesystem::file_size(folder / "events.jsonl") + 20);
    EXPECT_THROW(sink->record(sample_progress()), Error);
  }
  sink->record(sample_validation());
  const std::vector<std::string> lines = lines_of(folder / "events.jsonl");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].size(), 20U);
  EXPECT_EQ(json::parse(lines[2])["event"], "validation");
}

TEST(JsonlSink, NamesTheFileItCannotWrite) {
  try {
    const auto sink = make_jsonl_sink("/nonexistent-folder/events.jsonl");
    FAIL() << "opened a file in a folder that does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent-folder/events.jsonl"));
  }
  EXPECT_THROW(make_jsonl_sink("/dev/full")->record(sample_progress()), Error);
}

}  // namespace
}  // namespace cram::report
