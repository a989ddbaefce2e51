#include "task_reader.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cram/base/error.h"
#include "cram/base/units.h"
#include "cram/text/parquet_table.h"

#include "labels.h"
#include "table_reader.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// Quote marks are text in these files: a reader of CSV would merge the rows between two of them.
constexpr Dialect kPlain = {.delimiter = '\t', .quoting = Quoting::kNone};
constexpr double kHighestScore = 5;
const Names kIds = {"index", "idx", "id"};
const std::string kMsrIds[] = {"#1 ID", "#2 ID"};

// How the columns are called, in GLUE's files and then in Hugging Face's.
struct Layout {
  Names first, second, label;
};

Layout layout_of(const Task& task) {
  if (task.name == "qnli") return {{"question"}, {"sentence"}, {"label"}};
  if (task.name == "qqp") return {{"question1"}, {"question2"}, {"is_duplicate", "label"}};
  if (task.name == "mrpc") {
    return {{"#1 String", "sentence1"}, {"#2 String", "sentence2"}, {"Quality", "label"}};
  }
  if (task.name == "stsb") return {{"sentence1"}, {"sentence2"}, {"score", "label"}};
  if (task.name == "mnli" || task.name == "ax") {
    return {{"sentence1", "premise"}, {"sentence2", "hypothesis"}, {"gold_label", "label"}};
  }
  if (task.pairs) return {{"sentence1"}, {"sentence2"}, {"label"}};
  return {{"sentence"}, {}, {"label"}};
}

bool needs_labels(const std::string& split) {
  return split.starts_with("train") || split.starts_with("dev");
}

TableForm form_of(const Task& task, const std::string& split) {
  TableForm form{.dialect = kPlain, .names = {}};
  if (task.name == "cola" && needs_labels(split)) {
    form.names = {"source", "label", "original mark", "sentence"};
  }
  // A few questions of QQP hold line ends and tabs, which break their rows apart.
  if (task.name == "qqp") form.misfits = Misfits::kSkip;
  return form;
}

// The number that a label or a score has in examples; nothing for what is neither.
std::optional<double> target_of(const Task& task, const std::string& text) {
  if (task.problem == Problem::kClassification) {
    const auto number = find_label(task.labels, text);
    return number ? std::optional<double>(*number) : std::nullopt;
  }
  const auto score = parse_number(text);
  return score && *score >= 0 && *score <= kHighestScore ? score : std::nullopt;
}

std::string expected_target(const Task& task) {
  if (task.problem == Problem::kRegression) return "a score from 0 to 5";
  return any_of(task.labels);
}

// Whether a number of Hugging Face's stands for a label or a score.
bool is_target(const Task& task, double value) {
  if (task.problem == Problem::kRegression) return value >= 0 && value <= kHighestScore;
  return value >= 0 && value < static_cast<double>(task.labels.size()) &&
         value == std::floor(value);
}

// -1 stands for a label that is kept secret.
bool is_unknown(double value) { return std::isnan(value) || value == -1; }

void set_targets(const Task& task, const std::string& split, const std::vector<double>& values,
                 std::vector<Example>& examples) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool unknown = is_unknown(values[i]);
    if (unknown ? needs_labels(split) : !is_target(task, values[i])) {
      throw Error(ErrorCode::kData,
                  task.title + " " + split + ", row " + std::to_string(i + 1) + ": " +
                      (unknown ? "no label" : "the label " + std::to_string(values[i])) +
                      "; expected the number of " + expected_target(task));
    }
    if (!unknown) examples[i].target = values[i];
  }
}

// The columns of a table that hold the fields of an example.
struct Places {
  std::size_t first = 0;
  std::optional<std::size_t> second, label, id;
};

Places places_in(const TableReader& table, const Task& task, const std::string& split) {
  const Layout layout = layout_of(task);
  Places places;
  places.first = table.column(layout.first);
  if (task.pairs) places.second = table.column(layout.second);
  // The test files have no labels, but for MRPC's of Microsoft Research.
  places.label = table.find(layout.label);
  if (needs_labels(split)) places.label = table.column(layout.label);
  places.id = table.find(kIds);
  return places;
}

Example example_in(const TableReader& table, const Places& places, const Task& task) {
  Example example;
  if (places.id) example.id = table.field(*places.id);
  example.first = table.field(places.first);
  if (places.second) example.second = table.field(*places.second);
  if (!places.label) return example;
  const std::string& label = table.field(*places.label);
  const auto target = target_of(task, label);
  if (!target) {
    throw table.error("the label " + shown(label) + "; expected " + expected_target(task));
  }
  example.target = *target;
  return example;
}

std::string pair_key(const TableReader& table) {
  return table.field(table.column({kMsrIds[0]})) + "\t" + table.field(table.column({kMsrIds[1]}));
}

}  // namespace

std::vector<Example> TaskReader::read(TaskFormat format, const std::string& split,
                                      const std::vector<fs::path>& files) const {
  return format == TaskFormat::kParquet ? read_parquet(split, files)
                                        : read_tsv(split, files.front());
}

std::vector<Example> TaskReader::read_tsv(const std::string& split, const fs::path& file) const {
  TableReader table(file, form_of(task_, split));
  const Places places = places_in(table, task_, split);
  std::vector<Example> examples;
  while (table.next()) {
    examples.push_back(example_in(table, places, task_));
    if (!places.id) examples.back().id = std::to_string(examples.size() - 1);
  }
  if (table.skipped() > 0) {
    notes_.push_back(task_.title + " " + split + ": skipped " + format_count(table.skipped()) +
                     (table.skipped() == 1 ? " broken row, at " : " broken rows, the first at ") +
                     table.path() + ":" + std::to_string(table.first_skipped()));
  }
  return examples;
}

std::vector<Example> TaskReader::read_parquet(const std::string& split,
                                              const std::vector<fs::path>& files) const {
  const Layout layout = layout_of(task_);
  // Of the two releases' names for a column this one has the last.
  const auto texts = [&](const Names& names) {
    return text::read_parquet_texts(files, names.back());
  };
  std::vector<Example> examples;
  for (std::string& text : texts(layout.first)) {
    Example example;
    example.id = std::to_string(examples.size());
    example.first = std::move(text);
    examples.push_back(std::move(example));
  }
  if (task_.pairs) {
    std::size_t row = 0;
    for (std::string& text : texts(layout.second)) examples.at(row++).second = std::move(text);
  }
  if (text::has_parquet_column(files, "idx")) {
    std::size_t row = 0;
    for (const double index : text::read_parquet_numbers(files, "idx")) {
      if (std::abs(index) < 1e15) examples.at(row).id = std::to_string(std::llround(index));
      ++row;
    }
  }
  if (needs_labels(split) || text::has_parquet_column(files, layout.label.back())) {
    set_targets(task_, split, text::read_parquet_numbers(files, layout.label.back()), examples);
  }
  return examples;
}

std::vector<bool> find_msr_dev(const fs::path& train, const fs::path& dev_ids) {
  TableReader ids(dev_ids, {.dialect = kPlain, .names = {kMsrIds[0], kMsrIds[1]}});
  std::set<std::string> dev;
  while (ids.next()) dev.insert(pair_key(ids));
  TableReader pairs(train, {.dialect = kPlain, .names = {}});
  std::vector<bool> belongs;
  while (pairs.next()) belongs.push_back(dev.contains(pair_key(pairs)));
  return belongs;
}

}  // namespace cram::glue
