#include "labelled_sets.h"

#include <algorithm>
#include <cmath>

#include "cram/base/error.h"
#include "cram/base/random.h"
#include "cram/base/units.h"

#include "label_numbers.h"
#include "labels.h"
#include "lines.h"
#include "record_file.h"
#include "squad_file.h"
#include "token_file.h"

namespace cram::glue {
namespace {

constexpr std::size_t kMostClasses = 100;

void add_dev_and_test(const LabelledFiles& files, DataSet& data, const auto& read) {
  if (!files.dev.empty()) data.dev.push_back({"dev", read(files.dev, true)});
  if (!files.test.empty()) data.test.push_back({"test", read(files.test, false)});
}

std::vector<std::string> labels_of(const RecordFile& file) {
  std::vector<std::string> labels;
  for (const Record& record : file.records) {
    if (!record.label) throw error_at(file.path, record.line, "no label");
    labels.push_back(*record.label);
  }
  return sorted_labels(std::move(labels));
}

// Scores are numbers, some of which are not whole or of which there are very many.
Problem problem_of(const std::vector<std::string>& labels) {
  const auto number = [](const std::string& label) { return parse_number(label); };
  const auto is_whole = [](double value) { return value == std::floor(value); };
  if (!std::all_of(labels.begin(), labels.end(), [&](auto& l) { return number(l).has_value(); })) {
    return Problem::kClassification;
  }
  const bool whole =
      std::all_of(labels.begin(), labels.end(), [&](auto& l) { return is_whole(*number(l)); });
  return whole && labels.size() <= kMostClasses ? Problem::kClassification : Problem::kRegression;
}

// Among numbers alone, "nan" and "inf" are scores that went wrong, and no names of classes.
void refuse_broken_scores(const RecordFile& file) {
  const Record* broken = nullptr;
  for (const Record& record : file.records) {
    if (parse_number(*record.label)) continue;
    if (!is_broken_number(*record.label)) return;
    if (broken == nullptr) broken = &record;
  }
  if (broken == nullptr) return;
  throw error_at(file.path, broken->line,
                 "the score " + shown(*broken->label) + " is no number to learn from",
                 "correct it or leave the row out; where it is a class, name all labels");
}

void note_empty_texts(const RecordFile& file, std::vector<std::string>& notes) {
  const auto is_empty = [&](const Record& record) {
    return record.first.empty() || (!file.columns.second.empty() && record.second.empty());
  };
  const auto first = std::find_if(file.records.begin(), file.records.end(), is_empty);
  if (first == file.records.end()) return;
  const auto count = std::count_if(first, file.records.end(), is_empty);
  notes.push_back(file.path + ": an empty text in " + format_count(count) +
                  (count == 1 ? " row" : " rows") + ", the first on line " +
                  std::to_string(first->line));
}

std::vector<Example> examples_of(RecordFile file, const LabelNumbers& numbers, DataSet& data) {
  note_empty_texts(file, data.notes);
  std::vector<Example> examples;
  for (Record& record : file.records) {
    Example example;
    example.id = std::move(record.id);
    example.first = std::move(record.first);
    example.second = std::move(record.second);
    if (record.label && data.problem == Problem::kClassification) {
      example.target = numbers.number(*record.label, file.path, record.line);
    } else if (record.label) {
      const auto score = parse_number(*record.label);
      if (!score) {
        throw error_at(file.path, record.line,
                       "the score " + shown(*record.label) + " is no number");
      }
      example.target = *score;
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

void check_words_labelled(const std::vector<Sentence>& sentences, const std::string& path) {
  for (const Sentence& sentence : sentences) {
    if (sentence.labels.empty()) throw error_at(path, sentence.line, "words without labels");
  }
}

std::vector<Example> examples_of(std::vector<Sentence> sentences, const LabelNumbers& numbers,
                                 const std::string& path) {
  std::vector<Example> examples;
  for (Sentence& sentence : sentences) {
    Example example;
    example.id = std::to_string(examples.size());
    example.words = std::move(sentence.words);
    for (const std::string& label : sentence.labels) {
      example.word_labels.push_back(numbers.number(label, path, sentence.line));
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

}  // namespace

void fill_texts(const LabelledFiles& files, DataSet& data) {
  RecordFile train = read_records(files.train, files.columns, LabelColumn::kNeeded);
  const std::vector<std::string> found = labels_of(train);
  const bool named = !files.labels.empty();
  if (!named && !files.problem) refuse_broken_scores(train);
  data.problem = files.problem.value_or(named ? Problem::kClassification : problem_of(found));
  const bool classes = data.problem == Problem::kClassification;
  const LabelNumbers numbers(classes ? found : std::vector<std::string>(), files, data.notes);
  if (classes) data.labels = numbers.labels();
  data.pairs = !train.columns.second.empty();
  // The other files have the same columns, but for an id that nobody asked for.
  Columns columns = train.columns;
  columns.id = files.columns.id;
  data.train = {"train", examples_of(std::move(train), numbers, data)};
  add_dev_and_test(files, data, [&](const std::string& path, bool dev) {
    RecordFile file =
        read_records(path, columns, dev ? LabelColumn::kNeeded : LabelColumn::kOptional);
    if (dev) (void)labels_of(file);
    return examples_of(std::move(file), numbers, data);
  });
}

void fill_sentences(const LabelledFiles& files, DataSet& data) {
  data.problem = Problem::kTokenLabels;
  std::vector<Sentence> train = read_sentences(files.train);
  check_words_labelled(train, files.train);
  std::vector<std::string> found;
  for (const Sentence& sentence : train) {
    found.insert(found.end(), sentence.labels.begin(), sentence.labels.end());
  }
  const LabelNumbers numbers(sorted_labels(std::move(found)), files, data.notes);
  data.labels = numbers.labels();
  data.train = {"train", examples_of(std::move(train), numbers, files.train)};
  add_dev_and_test(files, data, [&](const std::string& path, bool dev) {
    std::vector<Sentence> sentences = read_sentences(path);
    if (dev) check_words_labelled(sentences, path);
    return examples_of(std::move(sentences), numbers, path);
  });
}

void fill_questions(const LabelledFiles& files, DataSet& data) {
  data.problem = Problem::kSpan;
  data.train = {"train", read_squad(files.train, Answers::kNeeded)};
  add_dev_and_test(files, data, [&](const std::string& path, bool dev) {
    return read_squad(path, dev ? Answers::kNeeded : Answers::kOptional);
  });
}

void draw_dev(const LabelledFiles& files, DataSet& data) {
  std::vector<Example> all = std::move(data.train.examples);
  if (all.size() < 2) throw Error(ErrorCode::kData, files.train + ": one row is too few to split");
  const auto wanted = std::llround(files.dev_share * static_cast<double>(all.size()));
  const auto count =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, all.size() - 1);
  const Permutation permutation(files.seed, RandomStream::kHeldOut, 0, all.size());
  std::vector<bool> is_dev(all.size());
  for (std::uint64_t i = 0; i < count; ++i) is_dev[permutation(i)] = true;
  data.notes.push_back("dev: " + format_count(static_cast<std::int64_t>(count)) + " of the " +
                       format_count(static_cast<std::int64_t>(all.size())) +
                       " train rows, drawn with seed " + std::to_string(files.seed));
  Split dev{.name = "dev", .examples = {}};
  Split train{.name = "train", .examples = {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    (is_dev[i] ? dev : train).examples.push_back(std::move(all[i]));
  }
  data.train = std::move(train);
  data.dev.push_back(std::move(dev));
}

}  // namespace cram::glue
