#include "cram/glue/score_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "cram/report/html_page.h"
#include "cram/text/utf8.h"

#include "score_rows.h"

namespace cram::glue {
namespace {

using report::html_section;
using report::html_table;
using report::html_text;
using report::TableRow;

constexpr std::size_t kLargestMatrix = 20;  // classes
constexpr std::size_t kMostConfusions = 25;
constexpr std::size_t kLongestText = 700;  // bytes

std::string shortened(const std::string& text) {
  if (text.size() <= kLongestText) return text;
  return text.substr(0, text::utf8_boundary(text, kLongestText)) + " …";
}

std::string score_section(const std::vector<TaskPage>& pages, const GlueMean& mean) {
  std::vector<TaskScores> tasks;
  for (const TaskPage& page : pages) tasks.push_back(page.scores);
  std::vector<TableRow> rows;
  for (const ScoreRow& row : score_rows(tasks)) {
    rows.push_back({row.task, row.metric, row.median, row.range, row.seeds, row.others});
  }
  std::string html =
      html_table({"Task", "Metric", "Median", "Range", "Seeds", "Other metrics"}, rows);
  if (html.empty()) html = "<p>No seed has finished yet.</p>\n";
  const std::string sentence = mean_sentence(mean);
  return html + (sentence.empty() ? "" : "<p>" + html_text(sentence) + "</p>\n");
}

std::string label_of(const TaskPage& page, std::size_t number) {
  return number < page.labels.size() ? shortened(page.labels[number]) : std::to_string(number);
}

// The share of a row that a cell has, for its colour.
std::string share_style(int count, int row_sum) {
  const double share = row_sum > 0 ? static_cast<double>(count) / row_sum : 0;
  const auto hundredths = static_cast<int>(std::lround(100 * std::clamp(share, 0.0, 1.0)));
  return "--share: " + std::to_string(hundredths / 100) + "." + (hundredths % 100 < 10 ? "0" : "") +
         std::to_string(hundredths % 100);
}

std::string matrix_row(const TaskPage& page, std::size_t truth) {
  const std::vector<int>& counts = page.confusion[truth];
  int sum = 0;
  for (const int count : counts) sum += count;
  std::string html = "<tr><th>" + html_text(label_of(page, truth)) + "</th>";
  for (std::size_t predicted = 0; predicted < counts.size(); ++predicted) {
    const int count = counts[predicted];
    html += "<td class=\"" + std::string(predicted == truth ? "right" : "wrong") + "\" style=\"" +
            share_style(count, sum) + "\">" + std::to_string(count) + "</td>";
  }
  return html + "</tr>\n";
}

std::string matrix(const TaskPage& page) {
  std::string html = "<div class=\"wide\"><table class=\"matrix\">\n<tr><th></th>";
  for (std::size_t i = 0; i < page.confusion.size(); ++i) {
    html += "<th>" + html_text(label_of(page, i)) + "</th>";
  }
  html += "</tr>\n";
  for (std::size_t i = 0; i < page.confusion.size(); ++i) html += matrix_row(page, i);
  return html + "</table></div>\n<p class=\"soft\">Rows: the truth; columns: predicted.</p>\n";
}

struct Mistake {
  std::size_t truth = 0, predicted = 0;
  int count = 0;
};

std::string frequent_mistakes(const TaskPage& page) {
  std::vector<Mistake> mistakes;
  for (std::size_t truth = 0; truth < page.confusion.size(); ++truth) {
    for (std::size_t predicted = 0; predicted < page.confusion[truth].size(); ++predicted) {
      const int count = page.confusion[truth][predicted];
      if (truth != predicted && count > 0) mistakes.push_back({truth, predicted, count});
    }
  }
  std::ranges::stable_sort(mistakes, std::ranges::greater{}, &Mistake::count);
  if (mistakes.size() > kMostConfusions) mistakes.resize(kMostConfusions);
  std::vector<TableRow> rows;
  for (const Mistake& mistake : mistakes) {
    rows.push_back({label_of(page, mistake.truth), label_of(page, mistake.predicted),
                    std::to_string(mistake.count)});
  }
  return html_table({"Truth", "Predicted", "Examples"}, rows);
}

std::string confusion_part(const TaskPage& page) {
  if (page.confusion.empty()) return "";
  if (page.confusion.size() <= kLargestMatrix) return "<h3>Confusion matrix</h3>\n" + matrix(page);
  return "<h3>Most frequent confusions</h3>\n" + frequent_mistakes(page);
}

// "predicted contradiction, 98.71 % sure; truth: neutral"
std::string verdict(const WorstError& error) {
  const std::string sure =
      std::isnan(error.confidence) ? "" : ", " + percent(error.confidence) + " % sure";
  const auto soft = [](const std::string& text) {
    return "<span class=\"soft\">" + text + "</span>";
  };
  return soft("predicted ") + html_text(shortened(error.predicted)) + soft(sure + "; truth: ") +
         html_text(shortened(error.truth));
}

std::string error_box(const WorstError& error) {
  std::string html = "<figure><figcaption>" + verdict(error) + "</figcaption>\n";
  for (const std::string* text : {&error.first, &error.second}) {
    if (!text->empty()) html += "<p>" + html_text(shortened(*text)) + "</p>\n";
  }
  return html + "</figure>\n";
}

std::string error_part(const std::vector<WorstError>& errors) {
  if (errors.empty()) return "";
  std::string html = "<h3>Worst errors</h3>\n<div class=\"boxes\">\n";
  for (const WorstError& error : errors) html += error_box(error);
  return html + "</div>\n";
}

}  // namespace

std::string render_score_page(const std::string& title, const std::vector<TaskPage>& pages,
                              const GlueMean& mean) {
  std::string body = html_section("Scores", score_section(pages, mean));
  for (const TaskPage& page : pages) {
    body += html_section(page.scores.title, confusion_part(page) + error_part(page.errors));
  }
  return report::html_page(title, "A fine-tuning run of cram, in percent", body);
}

}  // namespace cram::glue
