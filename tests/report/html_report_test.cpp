#include <cmath>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/report/events.h"

#include "markup_check.h"
#include "sample_events.h"
#include "support/temp_folder.h"

namespace cram::report {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRecords = 400;

void record_run(const fs::path& folder) {
  const auto sink = make_jsonl_sink(folder / "events.jsonl");
  sink->record(Note{"started", R"({"message": "on 2 cores <&>"})"});
  for (int i = 1; i <= kRecords; ++i) {
    Progress progress = sample_progress();
    progress.step = i;
    progress.tokens = i * 32'768;
    progress.seconds = i * 3.0;
    progress.budget_share = i / 400.0;
    progress.loss = 2 + 8 * std::exp(-i / 60.0) + 0.05 * std::sin(i);
    progress.learning_rate = 1e-3 * (1 - std::abs(1 - i / 200.0));
    progress.tokens_per_second = 10'900 + 300 * std::sin(i * 0.7);
    sink->record(progress);
    if (i % 100 != 0) continue;
    Validation validation = sample_validation();
    validation.step = i;
    validation.tokens = progress.tokens;
    validation.seconds = progress.seconds;
    validation.budget_share = progress.budget_share;
    validation.loss = 2.1 + 8 * std::exp(-i / 60.0);
    sink->record(validation);
  }
  sink->record(Note{"finished", "{}"});
}

std::string report_of(const fs::path& folder) {
  write_html_report(folder);
  return content_of(folder / "report.html");
}

TEST(HtmlReport, ShowsNumbersCurvesRecipeAndBuild) {
  const TempFolder folder;
  record_run(folder.path());
  std::ofstream(folder / "recipe.yaml") << "model:\n  layers: 16  # <deep & narrow>\n";
  std::ofstream(folder / "build.json") << R"({"compiler": "g++ \"12\""})";
  const std::string page = report_of(folder.path());
  MarkupCheck::check(page);
  EXPECT_THAT(page,
              AllOf(HasSubstr("<tr><th>Ended</th><td>finished</td></tr>"),
                    HasSubstr("<td>2.1102 nats a masked token</td>"),
                    HasSubstr("<td>13,107,200</td>"), HasSubstr("<td>100.00 %, 20:00</td>"),
                    HasSubstr("<td>10.9 k tokens/s</td>"), HasSubstr("on 2 cores &lt;&amp;&gt;"),
                    HasSubstr("layers: 16  # &lt;deep &amp; narrow&gt;"),
                    HasSubstr("g++ \\&quot;12\\&quot;")));
  for (const char* title : {"Loss over time", "Loss over tokens", "Learning rate", "Speed"}) {
    EXPECT_THAT(page, HasSubstr("<figcaption>" + std::string(title) + "</figcaption>"));
  }
  EXPECT_THAT(page, Not(HasSubstr("no data yet")));
}

TEST(HtmlReport, AsksForNothingFromOutside) {
  const TempFolder folder;
  record_run(folder.path());
  const std::string page = report_of(folder.path());
  for (const char* request : {"http", "//", "src=", "href=", "url(", "@import", "<script"}) {
    EXPECT_THAT(page, Not(HasSubstr(request)));
  }
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
}

TEST(HtmlReport, WorksBeforeAnythingWasMeasured) {
  const TempFolder folder;
  make_jsonl_sink(folder / "events.jsonl")->record(Note{"started", "{}"});
  const std::string page = report_of(folder.path());
  MarkupCheck::check(page);
  EXPECT_THAT(page, AllOf(HasSubstr("no data yet"), HasSubstr("no end recorded"),
                          HasSubstr("recipe.yaml is not in the run folder"),
                          HasSubstr("build.json is not in the run folder")));
}

TEST(HtmlReport, CountsWorkThatWasDoneAgainOnce) {
  const TempFolder folder;
  {
    const auto sink = make_jsonl_sink(folder / "events.jsonl");
    Validation validation = sample_validation();
    for (const std::int64_t step : {100, 200, 300}) {
      validation.step = step;
      validation.loss = 9.25;
      sink->record(validation);
    }
    sink->record(Note{"resumed", R"({"step": 150})"});
    validation.step = 200;
    validation.loss = 4.5;
    sink->record(validation);
  }
  const std::string page = report_of(folder.path());
  EXPECT_THAT(page, AllOf(HasSubstr("<td>100</td>"), HasSubstr("<td>200</td>"),
                          Not(HasSubstr("<td>300</td>"))));
  EXPECT_THAT(page, AllOf(HasSubstr("<th>Times resumed</th><td>1</td>"),
                          HasSubstr("<td>4.5000 nats a masked token</td>")));
}

TEST(HtmlReport, ShowsAveragedWeightsBesideTheTrainedOnes) {
  const TempFolder folder;
  {
    const auto sink = make_jsonl_sink(folder / "events.jsonl");
    Validation first = sample_validation();  // before there is an average
    first.step = 100;
    first.tokens = 1'000'000;
    first.seconds = 200;
    sink->record(first);
    sink->record(sample_validation_of_both());
  }
  const std::string page = report_of(folder.path());
  MarkupCheck::check(page);
  EXPECT_THAT(
      page,
      AllOf(HasSubstr("<th>Averaged: loss</th>"), HasSubstr("<td>3.0125</td><td>43.75 %</td>"),
            HasSubstr("held-out, averaged weights"),
            HasSubstr("<th>With averaged weights</th><td>3.0125 nats, 43.75 %</td>")));
  const TempFolder plain;
  make_jsonl_sink(plain / "events.jsonl")->record(sample_validation());
  EXPECT_THAT(report_of(plain.path()), Not(HasSubstr("verage")));
}

TEST(HtmlReport, SkipsAndCountsDamagedLines) {
  const TempFolder folder;
  record_run(folder.path());
  std::ofstream(folder / "events.jsonl", std::ios::app)
      << "{\"event\": \"prog\n[]\n{}\n"
      << std::string(100'000, '[') << "\n"
      << R"({"event": "progress", "step": -1})"
      << "\n"
      << R"({"event": "progress", "step": 18446744073709551615})"
      << "\n"
      << R"({"event": "progress", "step": 1.5})"
      << "\n"
      << R"({"event": "progress", "step": 401, "loss": "low"})"
      << "\n\xff\xfe\n\n";
  const std::string page = report_of(folder.path());
  MarkupCheck::check(page);
  EXPECT_THAT(page, HasSubstr("<td>9, skipped</td>"));
  EXPECT_THAT(page, HasSubstr("<tr><th>Updates</th><td>400</td></tr>"));
}

TEST(HtmlReport, SurvivesAnyDamage) {
  const TempFolder folder;
  record_run(folder.path());
  const std::string good = content_of(folder / "events.jsonl").substr(0, 20'000);
  std::mt19937_64 random(11);
  for (int round = 0; round < 150; ++round) {
    std::string bad = good;
    for (int change = 0; change < 40; ++change) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    bad.resize(random() % bad.size());
    std::ofstream(folder / "events.jsonl", std::ios::binary) << bad;
    try {
      MarkupCheck::check(report_of(folder.path()));
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("holds no record"));
    }
  }
}

TEST(HtmlReport, NamesTheRunFolderWithATrailingSlash) {
  const TempFolder folder;
  record_run(folder.path());
  write_html_report(folder.path() / "");
  EXPECT_THAT(content_of(folder / "report.html"),
              HasSubstr("<h1>" + folder.path().filename().string() + "</h1>"));
}

TEST(HtmlReport, NeedsEvents) {
  const TempFolder folder;
  try {
    write_html_report(folder.path());
    FAIL() << "made a report of nothing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("events.jsonl"));
  }
}

}  // namespace
}  // namespace cram::report
