#include "cram/glue/labelled_file.h"

#include "cram/base/error.h"
#include "cram/text/sources.h"

#include "file_shape.h"
#include "labelled_sets.h"
#include "token_file.h"

namespace cram::glue {
namespace {

bool is_of_texts(FileShape shape) {
  return shape == FileShape::kTsv || shape == FileShape::kCsv || shape == FileShape::kJsonl;
}

bool is_of_texts(Problem problem) {
  return problem == Problem::kClassification || problem == Problem::kRegression;
}

bool can_hold(FileShape shape, Problem problem) {
  switch (problem) {
    case Problem::kClassification:
    case Problem::kRegression:
      return is_of_texts(shape);
    case Problem::kTokenLabels:
      return shape == FileShape::kJsonl || shape == FileShape::kConll;
    case Problem::kSpan:
      return shape == FileShape::kSquad;
  }
  return false;
}

// What the train file is for; nothing where its labels must tell classes from scores.
std::optional<Problem> problem_of(const LabelledFiles& files) {
  if (files.problem) return files.problem;
  const FileShape shape = shape_of(files.train);
  if (shape == FileShape::kSquad) return Problem::kSpan;
  if (shape == FileShape::kConll) return Problem::kTokenLabels;
  if (shape == FileShape::kJsonl && holds_words(files.train)) return Problem::kTokenLabels;
  return std::nullopt;
}

void check_shapes(const LabelledFiles& files, Problem problem) {
  for (const std::string& path : {files.train, files.dev, files.test}) {
    if (path.empty() || can_hold(shape_of(path), problem)) continue;
    throw Error(ErrorCode::kData, path + " is no kind of file for this problem",
                is_of_texts(problem) ? "texts with a label stand in .tsv, .csv or .jsonl"
                : problem == Problem::kTokenLabels ? "words with labels stand in .conll or .jsonl"
                                                   : "SQuAD's questions stand in .json");
  }
}

// An option that would do nothing is a mistake.
void check_options(const LabelledFiles& files, Problem problem) {
  const Columns& columns = files.columns;
  const bool names_columns = !columns.first.empty() || !columns.second.empty() ||
                             !columns.label.empty() || !columns.id.empty();
  if (names_columns && !is_of_texts(problem)) {
    throw Error(ErrorCode::kUsage, files.train + ": columns are named, but such files have none");
  }
  const bool has_labels = problem == Problem::kClassification || problem == Problem::kTokenLabels;
  if (!files.labels.empty() && !has_labels) {
    throw Error(ErrorCode::kUsage, files.train + ": labels are named, but the problem has none");
  }
  if (files.dev.empty() && !(files.dev_share > 0 && files.dev_share < 1)) {
    throw Error(ErrorCode::kUsage, "the share of rows for dev must lie between 0 and 1");
  }
}

// The name without its endings: "reviews" of "data/reviews.tsv.gz".
std::string stem_of(const std::string& path) {
  return std::filesystem::path(text::packed_name(path).name).stem().string();
}

}  // namespace

DataSet read_labelled_files(const LabelledFiles& files) {
  if (files.train.empty()) throw Error(ErrorCode::kData, "no file to train on is named");
  const std::optional<Problem> problem = problem_of(files);
  check_shapes(files, problem.value_or(Problem::kClassification));
  DataSet data;
  data.name = stem_of(files.train);
  if (!problem || is_of_texts(*problem)) {
    fill_texts(files, data);
  } else if (*problem == Problem::kTokenLabels) {
    fill_sentences(files, data);
  } else {
    fill_questions(files, data);
  }
  check_options(files, data.problem);
  if (files.dev.empty()) draw_dev(files, data);
  return data;
}

}  // namespace cram::glue
