#include "cram/glue/score_page.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/markup_check.h"
#include "sample_scores.h"

namespace cram::glue {
namespace {

using report::MarkupCheck;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TaskPage mnli_page() {
  return {.scores = test::sample_mnli(),
          .labels = {"entailment", "neutral", "contra<diction>"},
          .confusion = {{90, 9, 1}, {0, 0, 0}, {5, 0, 20}},
          .errors = {{"A man & a dog.", "A \"cat\" <b>sleeps</b>.", "neutral", "contra<diction>",
                      0.98765}}};
}

std::string page_of(const std::vector<TaskPage>& pages) {
  std::vector<TaskScores> tasks;
  for (const TaskPage& page : pages) tasks.push_back(page.scores);
  const std::string html = render_score_page("crammed <1>", pages, glue_mean(tasks));
  MarkupCheck::check(html);
  return html;
}

TEST(ScorePage, ShowsScoresConfusionsAndWorstErrors) {
  EXPECT_THAT(
      page_of({mnli_page()}),
      AllOf(HasSubstr("<h1>crammed &lt;1&gt;</h1>"),
            HasSubstr("<td>MNLI dev-mismatched</td><td>accuracy</td><td>85.00</td>"),
            HasSubstr("GLUE mean: 84.75 over 2 of 9 numbers"), HasSubstr("<h2>MNLI</h2>"),
            HasSubstr("<th>contra&lt;diction&gt;</th>"),
            HasSubstr("<tr><th>entailment</th><td class=\"right\" style=\"--share: 0.90\">90</td>"
                      "<td class=\"wrong\" style=\"--share: 0.09\">9</td>"),
            HasSubstr("<td class=\"right\" style=\"--share: 0.00\">0</td>"),
            HasSubstr(", 98.77 % sure; truth: "), HasSubstr("<p>A man &amp; a dog.</p>"),
            HasSubstr("<p>A &quot;cat&quot; &lt;b&gt;sleeps&lt;/b&gt;.</p>")));
}

TEST(ScorePage, AsksForNothingFromOutside) {
  const std::string html = page_of({mnli_page()});
  for (const char* request : {"http", "//", "src=", "href=", "url(", "@import", "<script"}) {
    EXPECT_THAT(html, Not(HasSubstr(request)));
  }
  EXPECT_THAT(html,
              AllOf(HasSubstr("prefers-color-scheme: dark"), HasSubstr("width=device-width")));
}

TEST(ScorePage, WorksForTasksWithoutClasses) {
  const TaskPage page{
      .scores = test::task_with("stsb", "STS-B", Metric::kPearson, {0.9, kNan}),
      .labels = {},
      .confusion = {},
      .errors = {
          {.first = "x", .second = "", .truth = "5.0", .predicted = "0.1", .confidence = kNan}}};
  EXPECT_THAT(page_of({page}),
              AllOf(HasSubstr("<td>diverged</td>"), HasSubstr("<td>1 of 2</td>"),
                    HasSubstr("; truth: "), Not(HasSubstr("sure")), Not(HasSubstr("Confusion"))));
}

TEST(ScorePage, ShowsTheMostFrequentConfusionsOfManyClasses) {
  TaskPage page = mnli_page();
  page.confusion.assign(30, std::vector<int>(30, 1));
  page.confusion[3][29] = 77;
  page.confusion[0][2] = 55;
  const std::string html = page_of({page});
  EXPECT_THAT(html, AllOf(HasSubstr("Most frequent confusions"),
                          HasSubstr("<tr><td>3</td><td>29</td><td>77</td></tr>\n"
                                    "<tr><td>entailment</td><td>contra&lt;diction&gt;</td>"
                                    "<td>55</td></tr>"),
                          Not(HasSubstr("class=\"matrix\""))));
}

TEST(ScorePage, WorksBeforeAnythingFinished) {
  EXPECT_THAT(page_of({}), AllOf(HasSubstr("No seed has finished yet."), Not(HasSubstr("GLUE"))));
  EXPECT_THAT(page_of({TaskPage{}}), HasSubstr("No seed has finished yet."));
}

TEST(ScorePage, CutsAndRepairsText) {
  TaskPage page = mnli_page();
  std::string long_text = "x";
  for (int i = 0; i < 1000; ++i) long_text += "é";
  page.errors = {{long_text, "caf\xe9", "a", "b", 1}};
  const std::string html = page_of({page});
  EXPECT_THAT(html, AllOf(HasSubstr("é …</p>"), HasSubstr("<p>caf\uFFFD</p>")));
  EXPECT_LT(html.size(), 8000U);
}

}  // namespace
}  // namespace cram::glue
