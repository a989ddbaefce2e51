// Users' files of texts with a class or a score.
#include "cram/glue/labelled_file.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "glue/glue_files.h"

namespace cram::glue {
namespace {

using cram::test::TempFolder;
using test::firsts;
using test::ids;
using test::refused;
using test::targets;
using test::write;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNan;

class LabelledTexts : public testing::Test {
 protected:
  // Writes a file and says where it is.
  std::string file(const std::string& name, std::string_view content) {
    return write(folder_ / name, content);
  }
  // Reads `content` as the train file and the dev file.
  DataSet read_as(const std::string& name, std::string_view content, LabelledFiles files = {}) {
    files.train = files.dev = file(name, content);
    return read_labelled_files(files);
  }
  std::string refusal(const std::string& name, std::string_view content,
                      const LabelledFiles& files = {}) {
    return refused([&] { return read_as(name, content, files); }).what();
  }
  // The same for what is wrong with the options rather than with the data, with the hint.
  std::string misuse(const std::string& name, std::string_view content,
                     const LabelledFiles& files) {
    const Error error = refused([&] { return read_as(name, content, files); }, ErrorCode::kUsage);
    return std::string(error.what()) + "\nhint: " + error.hint();
  }

  TempFolder folder_;
};

TEST_F(LabelledTexts, AreReadFromTsvFiles) {
  const DataSet data = read_as("reviews.tsv", "id\ttext\tlabel\na\tgood\tpos\nb\tbad\tneg\n");
  EXPECT_EQ(data.name, "reviews");
  EXPECT_EQ(data.problem, Problem::kClassification);
  EXPECT_FALSE(data.pairs);
  EXPECT_THAT(data.labels, ElementsAre("neg", "pos"));
  EXPECT_THAT(firsts(data.train), ElementsAre("good", "bad"));
  EXPECT_THAT(targets(data.train), ElementsAre(1, 0));
  EXPECT_THAT(ids(data.dev.at(0)), ElementsAre("a", "b"));
  EXPECT_EQ(data.dev[0].name, "dev");
  EXPECT_THAT(data.notes, IsEmpty());
}

TEST_F(LabelledTexts, OfTsvFilesAreTakenOutOfQuoteMarksAroundAWholeField) {
  const DataSet data = read_as("a.tsv",
                               "text\tlabel\n\"a \"\"b\"\"\tc\"\tx\n\"a\" b\ty\n\"a\ty\n"
                               "a \"b\"\ty\n\"\"\"\ty\n");
  EXPECT_THAT(firsts(data.train), ElementsAre("a \"b\"\tc", "\"a\" b", "\"a", "a \"b\"", "\"\"\""));
}

TEST_F(LabelledTexts, AreReadFromCsvFilesWithQuotedLineEnds) {
  const DataSet data = read_as("a.csv",
                               "\"text\",label\r\n\"one, \"\"two\"\"\n\nthree\",x\r\n"
                               "5\" pipe,y\n\"\",y");
  EXPECT_THAT(firsts(data.train), ElementsAre("one, \"two\"\n\nthree", "5\" pipe", ""));
  EXPECT_THAT(targets(data.train), ElementsAre(0, 1, 1));
  EXPECT_THAT(data.notes,
              Contains(HasSubstr("a.csv: an empty text in 1 row, the first on line 6")));
}

TEST_F(LabelledTexts, OfCsvFilesWithBrokenQuotingAreRefused) {
  EXPECT_THAT(refusal("a.csv", "text,label\na,x\n\"b,y\nc,x\n"),
              HasSubstr("a.csv:3: the quote mark that opens field 1 is never closed"));
  EXPECT_THAT(refusal("a.csv", "text,label\na,x\n\"b\" c,y\n"),
              HasSubstr("a.csv:3: text after the quote mark that closes field 1"));
}

TEST_F(LabelledTexts, AreReadFromJsonLines) {
  const DataSet data = read_as("a.jsonl",
                               "{\"text\": \"a\\n\\u00e9\", \"label\": 10, \"id\": 7}\n\n"
                               "{\"label\": 9, \"id\": \"x\", \"text\": \"b\", \"more\": [1]}\n");
  EXPECT_THAT(data.labels, ElementsAre("9", "10"));
  EXPECT_THAT(firsts(data.train), ElementsAre("a\né", "b"));
  EXPECT_THAT(targets(data.train), ElementsAre(1, 0));
  EXPECT_THAT(ids(data.train), ElementsAre("7", "x"));
  const DataSet flags =
      read_as("b.jsonl", "{\"text\":\"a\",\"label\":true}\n{\"text\":\"b\",\"label\":false}");
  EXPECT_THAT(flags.labels, ElementsAre("false", "true"));
}

TEST_F(LabelledTexts, OfBrokenJsonLinesAreRefusedByLine) {
  const std::string good = "{\"text\": \"a\", \"label\": 1}\n";
  const auto second = [&](const std::string& line) { return refusal("a.jsonl", good + line); };
  EXPECT_THAT(second("{\"text\": \"b\""), HasSubstr("a.jsonl:2: broken JSON: "));
  EXPECT_THAT(second("[1]"), HasSubstr("a.jsonl:2: an array where an object was expected"));
  EXPECT_THAT(second("{\"label\": 2}"), HasSubstr("a.jsonl:2: no member \"text\""));
  EXPECT_THAT(second("{\"text\": 3, \"label\": 2}"), HasSubstr("\"text\" is a number, not a text"));
  EXPECT_THAT(second("{\"text\": \"b\", \"label\": [2]}"), HasSubstr("\"label\" is an array"));
  EXPECT_THAT(second("{\"text\": \"b\", \"label\": null}"), HasSubstr("a.jsonl:2: no label"));
  EXPECT_THAT(second("{\"text\": \"b\", \"text\": \"c\", \"label\": 2}"),
              HasSubstr("a.jsonl:2: the name \"text\" stands twice"));
  EXPECT_THAT(second("{\"text\": \"\\ud800\", \"label\": 2}"), HasSubstr("broken JSON"));
  EXPECT_THAT(second("{\"text\": " + std::string(5000, '[') + std::string(5000, ']') + "}"),
              HasSubstr("nested too deep"));
}

TEST_F(LabelledTexts, ComeInPairsWhereTheNamesSaySo) {
  const DataSet data = read_as("a.csv", "hypothesis,premise,label\nh,p,x\nh,p,y\n");
  EXPECT_TRUE(data.pairs);
  EXPECT_EQ(data.train.examples[0].first, "p");
  EXPECT_EQ(data.train.examples[0].second, "h");
}

TEST_F(LabelledTexts, StandInTheColumnsThatAreNamed) {
  const std::string content = "premise,hypothesis,kind,key\np,h,x,1\nq,i,y,2\n";
  const DataSet single =
      read_as("a.csv", content, {.columns = {.first = "premise", .label = "kind", .id = "key"}});
  EXPECT_FALSE(single.pairs);
  EXPECT_THAT(ids(single.train), ElementsAre("1", "2"));
  const DataSet pairs = read_as(
      "a.csv", content, {.columns = {.first = "hypothesis", .second = "premise", .label = "kind"}});
  EXPECT_EQ(pairs.train.examples[0].first, "h");
  EXPECT_EQ(pairs.train.examples[0].second, "p");
}

TEST_F(LabelledTexts, WithoutTheColumnsAreRefused) {
  EXPECT_THAT(refusal("a.csv", "words,label\na,x\n"), HasSubstr("no column of text called text, "));
  EXPECT_THAT(refusal("a.csv", "text,kind\na,x\n"), HasSubstr("no column of labels called label,"));
  EXPECT_THAT(refusal("a.csv", "text,label\na,x\n", {.columns = {.first = "body"}}),
              HasSubstr("no column called \"body\""));
  EXPECT_THAT(refusal("a.csv", "text,label\na,x\n", {.columns = {.label = "kind"}}),
              HasSubstr("no column of labels called \"kind\""));
  const Error error = refused([&] { return read_as("a.csv", "words,label\na,x\n"); });
  EXPECT_THAT(error.hint(), HasSubstr("there are words and label"));
}

TEST_F(LabelledTexts, HaveScoresWhereLabelsAreNotWhole) {
  const DataSet data = read_as("a.csv", "text,score\na,1\nb,2.5\nc,-3\n");
  EXPECT_EQ(data.problem, Problem::kRegression);
  EXPECT_THAT(data.labels, IsEmpty());
  EXPECT_THAT(targets(data.train), ElementsAre(1, 2.5, -3));
}

TEST_F(LabelledTexts, HaveScoresWhereThereAreVeryManyNumbers) {
  std::string rows = "text,label\n";
  for (int i = 0; i < 100; ++i) rows += "a," + std::to_string(i) + "\n";
  const DataSet classes = read_as("a.csv", rows);
  EXPECT_EQ(classes.problem, Problem::kClassification);
  EXPECT_EQ(classes.labels.at(11), "11");
  EXPECT_EQ(read_as("b.csv", rows + "a,100\n").problem, Problem::kRegression);
  EXPECT_EQ(read_as("c.csv", "text,label\na,1\nb,2\n", {.problem = Problem::kRegression}).problem,
            Problem::kRegression);
  EXPECT_THAT(refusal("d.csv", "text,label\na,1\nb,x\n", {.problem = Problem::kRegression}),
              HasSubstr("d.csv:3: the score \"x\" is no number"));
}

TEST_F(LabelledTexts, TakeTheNamedOrderOfLabels) {
  const DataSet data = read_as("a.csv", "text,label\na,low\nb,high\n",
                               {.columns = {}, .labels = {"low", "middle", "high"}});
  EXPECT_THAT(targets(data.train), ElementsAre(0, 2));
  EXPECT_THAT(data.notes, Contains(HasSubstr("a.csv has the label \"middle\"")));
  EXPECT_THAT(refusal("a.csv", "text,label\na,low\nb,new\n", {.labels = {"low", "high"}}),
              HasSubstr("a.csv:3: the label \"new\"; the labels are low and high"));
  EXPECT_THAT(misuse("a.csv", "text,label\na,x\n", {.labels = {"x", "x"}}),
              HasSubstr("the label \"x\" is named twice"));
  EXPECT_THAT(misuse("a.csv", "text,label\na,1.5\n",
                     {.problem = Problem::kRegression, .labels = {"x", "y"}}),
              HasSubstr("labels are named, but the problem has none"));
}

TEST_F(LabelledTexts, NeedMoreThanOneNamedLabel) {
  const std::string content = "text,label\na,yes\nb,no\n";
  for (const char* label : {"yes", "pos"}) {
    EXPECT_THAT(misuse("a.csv", content, {.labels = {label}}),
                AllOf(HasSubstr("only one label is named, \"" + std::string(label) + "\""),
                      HasSubstr("a.csv has no and yes")));
  }
}

TEST_F(LabelledTexts, DoNotShareAColumnWithTheirLabels) {
  const std::string content = "text,text2,label\na,b,x\nc,d,y\n";
  const auto refuse = [&](const Columns& columns, const char* because) {
    EXPECT_THAT(misuse("a.csv", content, {.columns = columns}), HasSubstr(because));
    const std::string line = R"({"text": "a", "text2": "b", "label": "x"})";
    EXPECT_THAT(misuse("a.jsonl", line, {.columns = columns}), HasSubstr(because));
  };
  refuse({.label = "text"}, "the column \"text\" holds the text");
  refuse({.first = "label"}, "the column \"label\" holds the text");
  refuse({.first = "text", .second = "text2", .label = "text2"}, "the column \"text2\"");
  refuse({.first = "text", .second = "text"}, "both texts are in the column \"text\"");
}

TEST_F(LabelledTexts, ThatAreOnlyReadMayStandInAColumnOfLabels) {
  const DataSet data = read_unlabelled_file(file("a.csv", "label\na cat\n"),
                                            Problem::kClassification, {.first = "label"});
  EXPECT_THAT(firsts(data.test.at(0)), ElementsAre("a cat"));
}

TEST_F(LabelledTexts, HaveNoScoresThatAreNotFinite) {
  for (const std::string score : {"nan", "NaN", "inf", "-inf", "Infinity", "1e999"}) {
    const std::string content = "text,score\na,1\nb," + score + "\nc,2.5\n";
    EXPECT_THAT(refusal("a.csv", content), HasSubstr("a.csv:3: the score \"" + score + "\""));
    EXPECT_EQ(read_as("a.csv", content, {.problem = Problem::kClassification}).labels.size(), 3U);
  }
  const DataSet words = read_as("a.csv", "text,label\na,1\nb,inf\nc,sup\n");
  EXPECT_THAT(words.labels, ElementsAre("1", "inf", "sup"));
}

TEST_F(LabelledTexts, OfTheDevSplitHaveNoLabelsOfTheirOwn) {
  LabelledFiles files{.train = file("a.tsv", "text\tlabel\na\tx\nb\ty\n"),
                      .dev = file("b.csv", "label,text\nx,a\nz,b\n")};
  EXPECT_THAT(refused([&] { return read_labelled_files(files); }).what(),
              HasSubstr("b.csv:3: the label \"z\"; "));
  files.dev = file("c.csv", "label,text\nx,a\n,b\n");
  EXPECT_THAT(refused([&] { return read_labelled_files(files); }).what(),
              HasSubstr("c.csv:3: no label"));
  files.dev = file("d.csv", "text\na\n");
  EXPECT_THAT(refused([&] { return read_labelled_files(files); }).what(),
              HasSubstr("no column of labels called \"label\""));
  EXPECT_THAT(refusal("e.csv", "text,label\na,x\nb,x\n"), HasSubstr("all rows have the label"));
}

TEST_F(LabelledTexts, OfTheTestSplitMayLackLabels) {
  const std::string train = file("a.tsv", "id\ttext\tlabel\n1\ta\tx\n2\tb\ty\n");
  const DataSet without = read_labelled_files(
      {.train = train, .dev = train, .test = file("test.jsonl", "{\"text\": \"c\"}")});
  EXPECT_THAT(targets(without.test.at(0)), ElementsAre(IsNan()));
  EXPECT_THAT(ids(without.test.at(0)), ElementsAre("0"));
  const DataSet some = read_labelled_files(
      {.train = train, .dev = train, .test = file("test.csv", "text,label\nc,y\nd,\n")});
  EXPECT_THAT(targets(some.test.at(0)), ElementsAre(1, IsNan()));
}

TEST_F(LabelledTexts, GiveAShareToTheDevSplitWhereThereIsNone) {
  std::string rows = "text,label\n";
  for (int i = 0; i < 50; ++i) rows += "t" + std::to_string(i) + "," + (i % 2 ? "x" : "y") + "\n";
  LabelledFiles files{.train = file("a.csv", rows), .dev_share = 0.2, .seed = 3};
  const DataSet data = read_labelled_files(files);
  EXPECT_EQ(data.train.examples.size(), 40U);
  EXPECT_EQ(data.dev.at(0).examples.size(), 10U);
  const std::vector<std::string> dev = firsts(data.dev[0]);
  std::set<std::string> all(dev.begin(), dev.end());
  for (const std::string& text : firsts(data.train)) all.insert(text);
  EXPECT_EQ(all.size(), 50U);
  EXPECT_THAT(data.notes, Contains("dev: 10 of the 50 train rows, drawn with seed 3"));
  EXPECT_EQ(firsts(read_labelled_files(files).dev[0]), dev);
  files.seed = 4;
  EXPECT_NE(firsts(read_labelled_files(files).dev[0]), dev);
  files.dev_share = 1;
  EXPECT_THAT(refused([&] { return read_labelled_files(files); }, ErrorCode::kUsage).what(),
              HasSubstr("share"));
}

TEST_F(LabelledTexts, InFilesThatHoldNoneAreRefused) {
  EXPECT_THAT(refusal("a.csv", ""), HasSubstr("a.csv is empty"));
  EXPECT_THAT(refusal("a.csv", "text,label\n\n"), HasSubstr("a.csv has no rows"));
  EXPECT_THAT(refusal("a.jsonl", "\n"), HasSubstr("a.jsonl has no rows"));
  EXPECT_THAT(refusal("a.xls", "text"), HasSubstr("does not say what the file is"));
  EXPECT_THAT(refusal("a.tsv", "text\tlabel\na\tx\ty\n"),
              HasSubstr("a.tsv:2: 3 fields where 2 were expected"));
  EXPECT_THAT(refusal("a.csv", "text,text,label\na,b,x\n"),
              HasSubstr("a.csv:1: two columns are called \"text\""));
  EXPECT_THAT(refusal("a.csv", "text,label\nna\xefve,x\n"), HasSubstr("a.csv:2: byte 3 is not"));
  EXPECT_THAT(refusal("a.csv.gz", "text,label\n"), HasSubstr("a.csv.gz"));
  EXPECT_THAT(refused([] { return read_labelled_files({}); }).what(), HasSubstr("no file"));
  EXPECT_THAT(refused([] { return read_labelled_files({.train = "nowhere.csv"}); }).what(),
              HasSubstr("nowhere.csv"));
}

TEST_F(LabelledTexts, AreNotLookedForInFilesOfWords) {
  EXPECT_THAT(refusal("a.conll", "a O\n", {.problem = Problem::kClassification}),
              HasSubstr("a.conll is no kind of file for this problem"));
  EXPECT_THAT(refusal("a.csv", "text,label\n", {.problem = Problem::kSpan}),
              HasSubstr("a.csv is no kind of file for this problem"));
}

}  // namespace
}  // namespace cram::glue
