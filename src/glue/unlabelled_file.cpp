#include "cram/base/error.h"
#include "cram/glue/labelled_file.h"

#include "record_file.h"
#include "squad_file.h"
#include "token_file.h"

namespace cram::glue {
namespace {

std::vector<Example> read_texts(const std::string& path, const Columns& columns, bool& pairs) {
  RecordFile file = read_records(path, columns, LabelColumn::kOptional);
  pairs = !file.columns.second.empty();
  std::vector<Example> examples;
  for (Record& record : file.records) {
    Example& example = examples.emplace_back();
    example.id = std::move(record.id);
    example.first = std::move(record.first);
    example.second = std::move(record.second);
  }
  return examples;
}

std::vector<Example> read_words(const std::string& path) {
  std::vector<Example> examples;
  for (Sentence& sentence : read_sentences(path)) {
    examples.emplace_back().words = std::move(sentence.words);
  }
  return examples;
}

}  // namespace

DataSet read_unlabelled_file(const std::string& path, Problem problem, const Columns& columns) {
  DataSet data;
  data.problem = problem;
  Split split{"test", {}};
  switch (problem) {
    case Problem::kClassification:
    case Problem::kRegression:
      split.examples = read_texts(path, columns, data.pairs);
      break;
    case Problem::kTokenLabels:
      split.examples = read_words(path);
      break;
    case Problem::kSpan:
      split.examples = read_squad(path, Answers::kOptional);
      break;
  }
  data.test.push_back(std::move(split));
  return data;
}

}  // namespace cram::glue
