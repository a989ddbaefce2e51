#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/glue/score_table.h"

#include "sample_scores.h"

namespace cram::glue {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ScoreJson, HasSpreadsSeedsAndTheMean) {
  const json table = json::parse(
      to_json({test::sample_mnli(), test::task_with("cola", "CoLA", Metric::kMatthews, {kNan})}));
  EXPECT_EQ(table["tasks"][0]["task"], "mnli");
  EXPECT_EQ(table["tasks"][0]["title"], "MNLI");
  const json& matched = table["tasks"][0]["spreads"][0];
  EXPECT_EQ(matched["split"], "dev");
  EXPECT_EQ(matched["metric"], "accuracy");
  EXPECT_DOUBLE_EQ(matched["median"], 0.845);
  EXPECT_EQ(matched["smallest"], 0.84);
  EXPECT_EQ(matched["largest"], 0.85);
  EXPECT_EQ(table["tasks"][0]["spreads"][1]["split"], "dev-mismatched");
  EXPECT_EQ(table["tasks"][0]["seeds"][1]["seed"], 1);
  EXPECT_EQ(table["tasks"][0]["seeds"][1]["splits"][0]["metrics"][0]["value"], 0.85);
  EXPECT_TRUE(table["tasks"][1]["spreads"][0]["median"].is_null());
  EXPECT_NEAR(table["glue_mean"]["mean"], 0.8475, 1e-15);
  EXPECT_EQ(table["glue_mean"]["missing"].size(), 7U);
  EXPECT_EQ(table["glue_mean"]["missing"][6], "CoLA (diverged)");
}

TEST(ScoreJson, HasNoMeanOfNothing) {
  EXPECT_TRUE(json::parse(to_json(std::vector<TaskScores>{}))["glue_mean"]["mean"].is_null());
}

TEST(ScoreJson, GivesBackWhatItWasMadeOf) {
  const std::vector<TaskScores> tasks = test::sample_glue(0.3);
  const std::vector<TaskScores> back = parse_task_scores(to_json(tasks), "results.json");
  ASSERT_EQ(back.size(), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    EXPECT_EQ(back[i].task, tasks[i].task);
    EXPECT_EQ(back[i].title, tasks[i].title);
    EXPECT_EQ(back[i].seeds, tasks[i].seeds);
  }
  EXPECT_EQ(glue_mean(back).mean, glue_mean(tasks).mean);
  EXPECT_TRUE(parse_task_scores(to_json(std::vector<TaskScores>{}), "results.json").empty());
  const auto diverged = parse_task_scores(to_json(test::sample_glue(kNan)), "results.json");
  EXPECT_EQ(glue_mean(diverged).missing.at(0), "CoLA (diverged)");
}

TEST(ScoreJson, RefusesWhatIsNotItsOwn) {
  const std::string good = to_json({test::sample_mnli()});
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    EXPECT_NE(text.find(from), std::string::npos) << from;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string head = R"({"format": "cram task scores", "version": 1, "glue_mean": {}, )";
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), head + R"("tasks": [{}]})",
        head + R"("tasks": [1]})", head + R"("tasks": {}})", with("\"seed\": 1", "\"seed\": {}"),
        with("\"title\"", "\"name\""), with("task scores", "seed score"),
        to_json(test::sample_mrpc().seeds[0])}) {
    try {
      (void)parse_task_scores(text, "glue/results.json");
      ADD_FAILURE() << "accepted " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), StartsWith("glue/results.json: "));
    }
  }
}

SeedScore random_score(std::mt19937_64& random) {
  const auto number = [&] {
    return std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 160);
  };
  SeedScore score{.seed = static_cast<std::int64_t>(random()),
                  .seconds = number(),
                  .examples = static_cast<std::int64_t>(random()),
                  .tokens = 9,
                  .splits = {}};
  for (std::uint64_t i = random() % 4; i > 0; --i) {
    SplitScore split{.split = "dev \"" + std::to_string(i) + "\" é", .metrics = {}};
    for (int metric = static_cast<int>(random() % 6); metric >= 0; --metric) {
      split.metrics.push_back({static_cast<Metric>(metric), -number()});
    }
    score.splits.push_back(split);
  }
  return score;
}

TEST(SeedScoreJson, GivesBackToTheBitWhatItWasMadeOf) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    const SeedScore score = random_score(random);
    EXPECT_EQ(parse_seed_score(to_json(score), "score.json"), score) << to_json(score);
  }
}

TEST(SeedScoreJson, KeepsThatASeedDiverged) {
  const SeedScore score{.seed = 1,
                        .seconds = 2,
                        .examples = 3,
                        .tokens = 4,
                        .splits = {{"dev", {{Metric::kPearson, kNan}}}}};
  const SeedScore back = parse_seed_score(to_json(score), "score.json");
  EXPECT_TRUE(std::isnan(back.splits.at(0).metrics.at(0).value));
}

std::string message_of(const std::string& text) {
  try {
    (void)parse_seed_score(text, "jobs/rte-0.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), StartsWith("jobs/rte-0.json: "));
    return error.what();
  }
  ADD_FAILURE() << "accepted " << text;
  return "";
}

// A good score with `from` replaced by `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = to_json(test::sample_mrpc().seeds[0]);
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(SeedScoreJson, RefusesWhatIsNotItsOwn) {
  EXPECT_THAT(message_of(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_of("[]"), HasSubstr("something else where an object belongs"));
  EXPECT_THAT(message_of(std::string(100, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(message_of(changed("cram seed score", "cram corpus")),
              HasSubstr("not the score of a seed"));
  EXPECT_THAT(message_of(changed("\"version\": 1", "\"version\": 2")),
              HasSubstr("version 2, this cram reads 1"));
  EXPECT_THAT(message_of(changed("\"seed\": 7", "\"seed\": 7.5")),
              HasSubstr("'seed' is no whole number"));
  EXPECT_THAT(message_of(changed("\"seed\": 7", "\"seed\": 18446744073709551615")),
              HasSubstr("'seed' is no whole number"));
  EXPECT_THAT(message_of(changed("\"seed\": 7", "\"seed\": 7, \"seed\": 7")),
              HasSubstr("a repeated member"));
  EXPECT_THAT(message_of(changed("\"seed\": 7", "\"seed\": 7, \"more\": 1")),
              HasSubstr("an unknown member"));
  EXPECT_THAT(message_of(changed("\"seed\"", "\"root\"")), HasSubstr("no 'seed'"));
  EXPECT_THAT(message_of(changed("0.901", "\"0.901\"")), HasSubstr("'value' is no number"));
  EXPECT_THAT(message_of(changed("0.901", "1e999")), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_of(changed("\"f1\"", "\"f2\"")), HasSubstr("an unknown metric"));
  EXPECT_THAT(message_of(changed("\"dev\"", "1")), HasSubstr("'split' is no text"));
  EXPECT_THAT(message_of(to_json(test::sample_mrpc().seeds[0]) + std::string(1, '\0')),
              HasSubstr("not valid JSON"));
  EXPECT_THAT(
      message_of(
          R"({"format": "cram seed score", "version": 1, "seed": 0, "seconds": 1, "examples": 2, "tokens": 3,
                             "splits": {}})"),
      HasSubstr("'splits' is no array"));
}

TEST(SeedScoreJson, SurvivesAnyDamage) {
  const std::string good = to_json(test::sample_mrpc().seeds[0]);
  std::mt19937_64 random(9);
  for (int round = 0; round < 2000; ++round) {
    std::string bad = good;
    for (int change = 0; change < 3; ++change) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    if (round % 2 == 0) bad.resize(random() % bad.size());
    try {
      (void)parse_seed_score(bad, "score.json");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
    }
  }
}

}  // namespace
}  // namespace cram::glue
