// Users' files of words with a label each, and of questions with answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/glue/labelled_file.h"

#include "glue/glue_files.h"

namespace cram::glue {
namespace {

using cram::test::TempFolder;
using test::ids;
using test::refused;
using test::write;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LabelledFile : public testing::Test {
 protected:
  DataSet read_as(const std::string& name, std::string_view content, LabelledFiles files = {}) {
    files.train = files.dev = write(folder_ / name, content);
    return read_labelled_files(files);
  }
  std::string refusal(const std::string& name, std::string_view content,
                      const LabelledFiles& files = {}) {
    return refused([&] { return read_as(name, content, files); }).what();
  }

  TempFolder folder_;
};

class LabelledWords : public LabelledFile {};

TEST_F(LabelledWords, AreReadFromTheColumnsOfConll) {
  const DataSet data = read_as("ner.conll",
                               "-DOCSTART- -X- O\n\nU.N. NNP B-ORG\nofficial NN O\n\n \n"
                               "Paris NNP B-LOC\n");
  EXPECT_EQ(data.name, "ner");
  EXPECT_EQ(data.problem, Problem::kTokenLabels);
  EXPECT_THAT(data.labels, ElementsAre("B-LOC", "B-ORG", "O"));
  ASSERT_EQ(data.train.examples.size(), 2U);
  EXPECT_THAT(data.train.examples[0].words, ElementsAre("U.N.", "official"));
  EXPECT_THAT(data.train.examples[0].word_labels, ElementsAre(1, 2));
  EXPECT_THAT(ids(data.train), ElementsAre("0", "1"));
  const DataSet tabs = read_as("ner.txt", "New York\tB-LOC\nis\tO\n");
  EXPECT_THAT(tabs.train.examples[0].words, ElementsAre("New York", "is"));
}

TEST_F(LabelledWords, AreReadFromJsonLines) {
  const DataSet data = read_as("a.jsonl",
                               "{\"tokens\": [\"Paris\", \"is\"], \"ner_tags\": [\"B\", \"O\"]}\n"
                               "{\"tokens\": [\"big\"], \"ner_tags\": [\"O\"]}\n");
  EXPECT_EQ(data.problem, Problem::kTokenLabels);
  EXPECT_THAT(data.train.examples[0].word_labels, ElementsAre(0, 1));
}

TEST_F(LabelledWords, OfTheTestSplitMayLackLabels) {
  const std::string train = write(folder_ / "a.conll", "a X\nb O\n");
  const DataSet data = read_labelled_files(
      {.train = train, .dev = train, .test = write(folder_ / "b.txt", "a\nc\n\nd\n")});
  ASSERT_EQ(data.test.at(0).examples.size(), 2U);
  EXPECT_THAT(data.test[0].examples[0].words, ElementsAre("a", "c"));
  EXPECT_THAT(data.test[0].examples[0].word_labels, IsEmpty());
}

TEST_F(LabelledWords, ThatDoNotFitAreRefusedByLine) {
  EXPECT_THAT(refusal("a.conll", "a X\nb O\nc\n"),
              HasSubstr("a.conll:3: expected 2 columns as on the first line, found 1"));
  EXPECT_THAT(refusal("a.conll", "a\tX\n\tO\n"), HasSubstr("a.conll:2: a word and its label"));
  EXPECT_THAT(refusal("a.conll", "\n\n"), HasSubstr("a.conll has no sentences"));
  EXPECT_THAT(refusal("a.conll", "a\nb\n"), HasSubstr("a.conll:1: words without labels"));
  EXPECT_THAT(refusal("a.conll", "a O\nb O\n"), HasSubstr("all rows have the label \"O\""));
  EXPECT_THAT(refusal("a.jsonl", "{\"words\": [\"a\", \"b\"], \"labels\": [\"O\"]}"),
              HasSubstr("a.jsonl:1: words: 2, but labels: 1"));
  EXPECT_THAT(refusal("a.jsonl", "{\"words\": [\"a\", \"\"], \"labels\": [\"O\", \"X\"]}"),
              HasSubstr("a.jsonl:1: words: an empty text where texts"));
  EXPECT_THAT(refusal("a.jsonl", "{\"words\": [\"a\"], \"labels\": [1]}"),
              HasSubstr("labels: a number where texts were expected"));
  EXPECT_THAT(refusal("a.jsonl", "{\"words\": [], \"labels\": []}"),
              HasSubstr("a sentence without words"));
  EXPECT_THAT(refusal("a.jsonl", "{\"text\": \"a\"}", {.problem = Problem::kTokenLabels}),
              HasSubstr("a.jsonl:1: no list of words"));
  const std::string words = write(folder_ / "a.conll", "a O\nb X\n");
  const LabelledFiles named{.train = words, .dev = words, .columns = {.first = "a"}};
  EXPECT_THAT(refused([&] { return read_labelled_files(named); }, ErrorCode::kUsage).what(),
              HasSubstr("columns are named"));
}

TEST_F(LabelledWords, OfTheDevSplitHaveNoLabelsOfTheirOwn) {
  const LabelledFiles files{.train = write(folder_ / "a.conll", "a X\nb O\n"),
                            .dev = write(folder_ / "b.conll", "a O\n\nb Y\n")};
  EXPECT_THAT(refused([&] { return read_labelled_files(files); }).what(),
              HasSubstr("b.conll:3: the label \"Y\"; "));
}

class LabelledQuestions : public LabelledFile {
 protected:
  // A file of one paragraph with these questions.
  static std::string squad(const std::string& questions) {
    return R"({"version": "1.1", "data": [{"title": "t", "paragraphs": [)"
           R"({"context": "Émile lives in Zürich, Émile says.", "qas": [)" +
           questions + "]}]}]}";
  }
  static std::string question(const std::string& rest) {
    return R"({"id": "q1", "question": "Where?", )" + rest + "}";
  }
  std::string refusal_of(const std::string& rest) {
    return refusal("a.json", squad(question(rest)));
  }
};

TEST_F(LabelledQuestions, HaveAnswersAtBytesNotCharacters) {
  const DataSet data =
      read_as("a.json", squad(question(R"("answers": [{"text": "Zürich", "answer_start": 15},)"
                                       R"({"text": "Émile", "answer_start": 23}])")));
  EXPECT_EQ(data.problem, Problem::kSpan);
  const Example& example = data.train.examples.at(0);
  EXPECT_EQ(example.id, "q1");
  EXPECT_EQ(example.first, "Where?");
  ASSERT_EQ(example.answers.size(), 2U);
  EXPECT_EQ(example.answers[0], (Answer{"Zürich", 16}));
  EXPECT_EQ(example.answers[1], (Answer{"Émile", 25}));
  EXPECT_EQ(example.second.substr(25, 6), "Émile");
}

TEST_F(LabelledQuestions, MayHaveNoAnswer) {
  const DataSet data =
      read_as("a.json", squad(question(R"("is_impossible": true, "answers": [])")));
  EXPECT_THAT(data.train.examples.at(0).answers, IsEmpty());
  const std::string train =
      write(folder_ / "train.json", squad(question(R"("is_impossible": true, "answers": [])")));
  const DataSet with_test = read_labelled_files(
      {.train = train,
       .dev = train,
       .test = write(folder_ / "test.json", squad(R"({"id": "x", "question": "Who?"})"))});
  EXPECT_THAT(ids(with_test.test.at(0)), ElementsAre("x"));
}

TEST_F(LabelledQuestions, WhoseAnswersDoNotStandThereAreRefusedByTheirId) {
  EXPECT_THAT(
      refusal_of(R"("answers": [{"text": "Zürich", "answer_start": 16}])"),
      HasSubstr("a.json: question \"q1\": the answer \"Zürich\" does not stand at character "
                "16 of the context"));
  for (const char* start : {"1000", "18446744073709551615"}) {
    EXPECT_THAT(refusal_of(R"("answers": [{"text": "Zürich", "answer_start": )" +
                           std::string(start) + "}]"),
                HasSubstr("does not stand at character"));
  }
  EXPECT_THAT(refusal_of(R"("answers": [{"text": "Zürich", "answer_start": -1}])"),
              HasSubstr("is no place in a text"));
  EXPECT_THAT(refusal_of(R"("answers": [{"text": "", "answer_start": 1}])"),
              HasSubstr("an empty answer"));
}

TEST_F(LabelledQuestions, OfAnotherLayoutAreRefused) {
  EXPECT_THAT(refusal_of(R"("answers": [])"), HasSubstr("\"is_impossible\" is not true"));
  EXPECT_THAT(refusal_of(R"("is_impossible": true, "answers": [{"text": "É", "answer_start": 0}])"),
              HasSubstr("yet \"is_impossible\" is true"));
  EXPECT_THAT(refusal_of(R"("answer": 1)"), HasSubstr("question \"q1\": no \"answers\""));
  EXPECT_THAT(refusal_of(R"("answers": {"text": ["É"]})"), HasSubstr("is an object, not an array"));
  const std::string good = question(R"("answers": [{"text": "É", "answer_start": 0}])");
  EXPECT_THAT(refusal("a.json", squad(good + "," + good)),
              HasSubstr("question \"q1\": the id comes twice"));
  EXPECT_THAT(refusal("a.json", squad("")), HasSubstr("a.json has no questions"));
  EXPECT_THAT(refusal("a.json", "[1]"), HasSubstr("an array where an object was expected"));
  EXPECT_THAT(refusal("a.json", "{\"data\": "), HasSubstr("a.json: broken JSON"));
  EXPECT_THAT(refused([&] { return read_as("a.json", "{}"); }).hint(), HasSubstr("SQuAD"));
}

}  // namespace
}  // namespace cram::glue
