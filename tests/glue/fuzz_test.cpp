// Mutated and random files: whatever they hold, there is a data set of valid text or an Error.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/glue/labelled_file.h"
#include "cram/glue/task.h"
#include "cram/text/utf8.h"

#include "glue/glue_files.h"
#include "support/mutator.h"

namespace cram::glue {
namespace {

using cram::test::Mutator;
using cram::test::TempFolder;
using test::write;

struct Seed {
  const char* name;
  const char* content;
};

const std::vector<Seed>& seeds() {
  static const std::vector<Seed> all = {
      {"a.tsv", "id\ttext\tlabel\n1\tgood\tx\n2\t\"bad \"\"one\"\"\"\ty\n3\tná\tx\n"},
      {"a.csv", "premise,hypothesis,score\r\n\"a, b\",c,1.5\r\n\"d\n\ne\",\"f\"\"\",2\r\n"},
      {"a.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\\u00e9\", \"label\": 2}\n"},
      {"b.jsonl", "{\"words\": [\"a\", \"b\"], \"labels\": [\"O\", \"B-X\"]}\n"},
      {"a.conll", "-DOCSTART- O\n\nU.N. B-ORG\nsays O\n\nZürich B-LOC\n"},
      {"a.json",
       R"({"data": [{"paragraphs": [{"context": "In Zürich.", "qas": [{"id": "1",)"
       R"( "question": "Where?", "answers": [{"text": "Zürich", "answer_start": 3}]}]}]}]})"}};
  return all;
}

constexpr std::size_t kMostChanges = 2;
const std::vector<std::string> kPieces = {
    "\"", "\"\"", ",",   "\t", "\n",    "\r",   "{",    "}",    "[",     "]",    ":",
    "\\", "\\u",  "nan", "-",  "1e999", "null", "\xff", "\xc3", "label", "text", " "};

void check(const DataSet& data, const Split& split) {
  for (const Example& example : split.examples) {
    ASSERT_TRUE(text::is_valid_utf8(example.first + "\n" + example.second + "\n" + example.id));
    for (const std::string& word : example.words) ASSERT_TRUE(text::is_valid_utf8(word));
    for (const int label : example.word_labels) {
      ASSERT_LT(static_cast<std::size_t>(label), data.labels.size());
    }
    for (const Answer& answer : example.answers) {
      ASSERT_EQ(example.second.substr(answer.begin, answer.text.size()), answer.text);
    }
    if (data.problem == Problem::kClassification) {
      ASSERT_LT(example.target, static_cast<double>(data.labels.size()));
    }
  }
}

// Returns whether there is a data set.
template <typename Read>
bool survives(const Read& read) {
  DataSet data;
  try {
    data = read();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_STRNE(error.what(), "");
    EXPECT_TRUE(text::is_valid_utf8(error.what()));
    return false;
  }
  check(data, data.train);
  for (const Split& split : data.dev) check(data, split);
  return true;
}

TEST(Fuzz, OfLabelledFilesEndsInADataSetOrAnError) {
  const TempFolder folder;
  Mutator mutator(20240607, kPieces, kMostChanges);
  for (const Seed& seed : seeds()) {
    int sets = 0;
    int errors = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::string content = i % 8 == 0 ? mutator.noise() : mutator.mutate(seed.content);
      const std::string path = write(folder / seed.name, content);
      ++(survives([&] { return read_labelled_files({.train = path, .dev = path}); }) ? sets
                                                                                     : errors);
    }
    EXPECT_GT(sets, 20) << seed.name;
    EXPECT_GT(errors, 20) << seed.name;
  }
}

TEST(Fuzz, OfTasksEndsInADataSetOrAnError) {
  const TempFolder folder;
  Mutator mutator(5, kPieces, kMostChanges);
  const std::string rte = "index\tsentence1\tsentence2\tlabel\n0\t\"a\tb\tentailment\n";
  const std::string cola = "gj04\t1\t\tGood.\ngj04\t0\t*\tBad.\n";
  write(folder / "RTE/dev.tsv", rte);
  write(folder / "CoLA/dev.tsv", cola);
  int sets = 0;
  int errors = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool first = i % 2 == 0;
    write(folder / (first ? "RTE/train.tsv" : "CoLA/train.tsv"),
          mutator.mutate(first ? rte : cola));
    const Task& task = *find_task(first ? "rte" : "cola");
    ++(survives([&] { return read_task(task, folder.path().string()); }) ? sets : errors);
  }
  EXPECT_GT(sets, 50);
  EXPECT_GT(errors, 50);
}

}  // namespace
}  // namespace cram::glue
