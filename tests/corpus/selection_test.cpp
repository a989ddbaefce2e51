// Selection within prepare(): what goes is neither trained on nor packed, and is accounted for.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/corpus/prepare.h"
#include "cram/corpus/selection_report.h"

#include "corpus/packed_text.h"
#include "corpus/selection_fixture.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using test::rule_of;
using test::SelectionTest;
using test::with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(SelectionTest, WithoutRulesEverythingIsPackedAndCounted) {
  add_source(test::make_documents(100));
  add_source(test::make_documents(50));
  const Prepared prepared = prepare(options_);
  const auto report = SelectionReport::read_from(prepared.corpus_folder);
  ASSERT_EQ(report.sources.size(), 2U);
  EXPECT_EQ(report.sources[1].name, options_.sources[1]);
  EXPECT_EQ(report.sources[1].read.documents, 50);
  EXPECT_EQ(report.packed(), report.read());
  EXPECT_EQ(report.packed().documents, 150);
  EXPECT_TRUE(report.rules.empty());
  const Manifest manifest = Manifest::read(prepared.corpus_folder);
  EXPECT_EQ(report.packed().bytes, manifest.text.bytes);
  EXPECT_EQ(report.sources[0].tokens + report.sources[1].tokens, manifest.text.tokens);
}

TEST_F(SelectionTest, DropsWhatStoodInAnEarlierSource) {
  add_source(test::make_documents(100));
  add_source(
      with(test::make_documents(50),
           "Something that nobody said before, and more words than a sequence drops at the end."));
  options_.rules.exact_duplicates = true;
  const Prepared prepared = prepare(options_);
  const auto report = SelectionReport::read_from(prepared.corpus_folder);
  EXPECT_THAT(report.sources, testing::SizeIs(2));
  EXPECT_EQ(report.read().documents, 151);
  EXPECT_EQ(report.packed().documents, 101);
  EXPECT_EQ(report.kept(), report.packed());
  const RuleReport& rule = rule_of(report, "exact duplicate");
  EXPECT_EQ(rule.dropped.at(0).documents, 0);
  EXPECT_EQ(rule.dropped.at(1).documents, 50);
  EXPECT_EQ(rule.samples.size(), 5U);
  EXPECT_THAT(rule.samples[0].text, HasSubstr("Document "));
  EXPECT_THAT(packed_text(prepared), HasSubstr("something that nobody"));
  const Manifest manifest = Manifest::read(prepared.corpus_folder);
  EXPECT_EQ(manifest.training.documents + manifest.held_out.documents, 101);
}

TEST_F(SelectionTest, KeepsTestSetsOutOfPackedTextAndTokenizer) {
  const std::string sentence = "Qqqq rains in the qqqq valley while the qqqq river sleeps below.";
  fs::create_directory(folder_ / "RTE");
  std::ofstream(folder_ / "RTE" / "dev.tsv") << "1\t" << sentence << "\tentailment\n";
  std::vector<std::string> documents = test::make_documents(300);
  for (int i = 0; i < 40; ++i) {
    documents = with(documents, "Number " + std::to_string(i) + ": " + sentence);
  }
  add_source(documents);
  EXPECT_THAT(packed_text(prepare(options_)), HasSubstr("qqqq"));

  options_.rules.decontaminate = {(folder_ / "RTE").string()};
  options_.rules.decontaminate_words = 11;
  const Prepared prepared = prepare(options_);
  EXPECT_THAT(packed_text(prepared), Not(HasSubstr("qqqq")));
  const auto report = SelectionReport::read_from(prepared.corpus_folder);
  EXPECT_EQ(rule_of(report, "contamination").all_dropped().documents, 40);
  EXPECT_EQ(rule_of(report, "contamination").samples.at(0).detail,
            "qqqq rains in the qqqq valley while the qqqq river sleeps");

  options_.tokenizer_file.clear();
  options_.train.vocab_size = 200;
  const Prepared trained = prepare(options_);
  std::string all_tokens;
  for (TokenId id = 0; id < 200; ++id) all_tokens += trained.tokenizer->token(id);
  EXPECT_THAT(all_tokens, Not(HasSubstr("q")));
  EXPECT_THAT(all_tokens, HasSubstr("word"));
}

TEST_F(SelectionTest, DropsOtherLanguages) {
  const std::string german =
      "Am Morgen ging der Bauer über die Felder, um nach dem Vieh zu sehen, und es regnete.";
  std::vector<std::string> english;
  for (int day = 0; day < 100; ++day) {
    english.push_back("On day " + std::to_string(day) +
                      " the farmer walked over the fields to look after his cattle in the rain.");
  }
  add_source(with(english, german));
  options_.rules.languages = {"en"};
  const Prepared prepared = prepare(options_);
  const auto report = SelectionReport::read_from(prepared.corpus_folder);
  EXPECT_EQ(report.packed().documents, 100);
  EXPECT_EQ(rule_of(report, "language: another").samples.at(0).text, german);
  EXPECT_THAT(packed_text(prepared), Not(HasSubstr("bauer")));

  options_.rules.languages = {"en", "de"};
  EXPECT_FALSE(find_prepared(options_).reused);
  EXPECT_EQ(SelectionReport::read_from(prepare(options_).corpus_folder).packed().documents, 101);
}

TEST_F(SelectionTest, RefusesLanguagesThatNobodyKnowsBeforeItReads) {
  add_source(test::make_documents(10));
  options_.rules.languages = {"xy"};
  for (const auto act : {prepare, find_prepared}) {
    try {
      (void)act(options_);
      FAIL() << "took it";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
    }
  }
}

TEST_F(SelectionTest, RefusesTestSetsWithoutText) {
  add_source(test::make_documents(20));
  fs::create_directory(folder_ / "sets");
  std::ofstream(folder_ / "sets" / "empty.tsv") << "";
  std::ofstream(folder_ / "sets" / "labels.tsv") << "0\tyes\n1\tno\n";
  std::ofstream(folder_ / "sets" / "numbers.jsonl") << "{\"label\": 1}\n";
  options_.rules.decontaminate = {(folder_ / "sets").string()};
  try {
    (void)prepare(options_);
    FAIL() << "protected nothing and said nothing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("no file with a text of 8 words"));
  }
}

TEST_F(SelectionTest, WarnsOfATestSetWithoutTextBesideAnother) {
  const std::string sentence = "Qqqq rains in the qqqq valley while the qqqq river sleeps below.";
  std::ofstream(folder_ / "labels.tsv") << "0\tyes\n1\tno\n";
  std::ofstream(folder_ / "dev.tsv") << sentence << "\n";
  add_source(with(test::make_documents(100), "So: " + sentence));
  options_.rules.decontaminate = {(folder_ / "labels.tsv").string(),
                                  (folder_ / "dev.tsv").string()};
  options_.rules.decontaminate_words = 11;
  testing::internal::CaptureStderr();
  const auto report = SelectionReport::read_from(prepare(options_).corpus_folder);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("labels.tsv: no text of 8 words"));
  EXPECT_THAT(log, Not(HasSubstr("dev.tsv")));
  EXPECT_EQ(rule_of(report, "contamination").all_dropped().documents, 1);
}

TEST_F(SelectionTest, KnowsTestSetsAlsoInTextThatIsCleaned) {
  const std::string hidden =
      "qq\u00ADqq rains i\u200Bn the qqqq va\u00ADlley while the cafe\u0301 river sleeps below";
  std::ofstream(folder_ / "dev.tsv") << hidden << "\n";
  add_source(with(test::make_documents(100), "So: " + hidden + "."));
  options_.rules.decontaminate = {(folder_ / "dev.tsv").string()};
  options_.rules.decontaminate_words = 11;
  for (const bool clean : {false, true}) {
    options_.read.clean_unicode = options_.rules.clean_unicode = clean;
    const auto report = SelectionReport::read_from(prepare(options_).corpus_folder);
    EXPECT_EQ(rule_of(report, "contamination").all_dropped().documents, 1) << clean;
  }
}

TEST_F(SelectionTest, IsOfTheSourcesThatTheRecipeNames) {
  for (const int source : {0, 1, 2}) add_source(test::make_documents(100 + source));
  const std::vector<std::string> three = options_.sources;
  options_.rules.exact_duplicates = true;
  options_.sources = {(folder_ / "source*.txt").string()};
  EXPECT_EQ(SelectionReport::read_from(prepare(options_).corpus_folder).sources.size(), 1U);
  options_.sources = three;
  options_.sequence_length = 8;
  const auto report = SelectionReport::read_from(prepare(options_).corpus_folder);
  ASSERT_EQ(report.sources.size(), 3U);
  EXPECT_EQ(report.sources[1].packed.documents, 1);
  EXPECT_EQ(rule_of(report, "exact duplicate").dropped[2].documents, 101);
}

TEST_F(SelectionTest, JoinsTheRecordsOfTheRightSource) {
  for (const int source : {0, 1, 2}) {
    (void)source;
    add_source(test::make_documents(100));
  }
  const auto documents = [&](const std::vector<std::string>& sources) {
    options_.sources = sources;
    options_.read.join_records = {1, 10};
    const Manifest manifest = Manifest::read(prepare(options_).corpus_folder);
    return manifest.training.documents + manifest.held_out.documents;
  };
  const std::string first = (folder_ / "source0.txt").string();
  const std::string last = (folder_ / "source2.txt").string();
  EXPECT_EQ(documents({first, (folder_ / "source[12].txt").string()}), 120);
  EXPECT_EQ(documents({(folder_ / "source[01].txt").string(), last}), 210);
}

TEST_F(SelectionTest, AnotherTestSetMakesAnotherCorpus) {
  add_source(test::make_documents(100));
  std::ofstream(folder_ / "dev.tsv") << "one of the many texts of a test set\n";
  options_.rules.decontaminate = {(folder_ / "dev.tsv").string()};
  const Prepared first = prepare(options_);
  EXPECT_TRUE(prepare(options_).reused);
  EXPECT_TRUE(find_prepared(options_).reused);
  std::ofstream(folder_ / "dev.tsv") << "one of the many other texts of a test set\n";
  EXPECT_FALSE(find_prepared(options_).reused);
  const Prepared second = prepare(options_);
  EXPECT_NE(first.corpus_folder, second.corpus_folder);
  EXPECT_EQ(first.tokenizer_folder, second.tokenizer_folder) << "it was given";
}

TEST_F(SelectionTest, TheNumberOfThreadsChangesNothing) {
  std::vector<std::string> documents = test::make_documents(20'000);
  const std::vector<std::string> again = test::make_documents(25'000);
  documents.insert(documents.end(), again.begin(), again.end());
  add_source(documents);
  add_source(again);
  options_.rules.exact_duplicates = true;
  options_.rules.near_duplicates.emplace();
  options_.rules.repetition.emplace();
  options_.max_tokens_per_character = 0.9;
  options_.tokenizer_file.clear();
  options_.train.vocab_size = 300;
  const Prepared first = prepare(options_);
  options_.cache = folder_ / "other-cache";
  options_.threads = 3;
  const Prepared second = prepare(options_);
  test::expect_same_bytes(first, second);
  const auto report = SelectionReport::read_from(first.corpus_folder);
  EXPECT_GT(rule_of(report, "exact duplicate").all_dropped().documents, 20'000);
}

// With this vocabulary a document of letters has a token for each of them.
TEST_F(SelectionTest, DropsWhatTheTokenizerCannotCompress) {
  const std::string spacious = "a b c d e f g h i j k l m n o p q r s t";  // 20 tokens, 39 bytes
  const std::string dense = "abcdefghijklmnopqrst abcdefghijklmnopqrst";   // 40 tokens, 41 bytes
  const std::string accents = "ä ö ü ä ö ü ä ö ü ä ö ü ä ö ü ä ö ü ä ö";   // as many as the first
  std::vector<std::string> documents;
  for (int i = 0; i < 60; ++i)
    documents.push_back(i % 2 == 0 ? spacious + std::string(i, ' ') + "."
                                   : dense + std::string(i, 'x'));
  add_source(with(documents, accents));
  options_.max_tokens_per_character = 0.6;
  const Prepared prepared = prepare(options_);
  const auto report = SelectionReport::read_from(prepared.corpus_folder);
  const RuleReport& rule = rule_of(report, "compressibility");
  EXPECT_EQ(rule.all_dropped().documents, 30);
  EXPECT_EQ(report.packed().documents, 31);
  EXPECT_EQ(report.read().documents, 61);
  EXPECT_THAT(rule.samples.at(0).detail, HasSubstr(" tokens a character"));
  EXPECT_THAT(packed_text(prepared), Not(HasSubstr("abcd")));
}

TEST_F(SelectionTest, TheFrameCountsAndTheLimitItselfIsTooMuch) {
  // 8 tokens and 2 more on 20 characters each.
  std::vector<std::string> documents;
  for (char c = 'a'; c <= 'z'; ++c) documents.push_back(std::string(1, c) + "  b  c  d  e  f  gh");
  add_source(documents);
  options_.max_tokens_per_character = 0.5001;
  EXPECT_EQ(SelectionReport::read_from(prepare(options_).corpus_folder).packed().documents, 26);
  options_.max_tokens_per_character = 0.5;
  EXPECT_THROW((void)prepare(options_), Error) << "nothing is left";
}

TEST_F(SelectionTest, MakesADamagedSelectionAnew) {
  add_source(test::make_documents(300));
  options_.rules.exact_duplicates = true;
  const Prepared first = prepare(options_);
  const auto bytes = test::contents(first.corpus_folder);
  for (const char* name : {"kept.bits", "file.starts", "cut.spans", "selection.json"}) {
    for (const auto& item : fs::directory_iterator(options_.cache)) {
      if (item.is_directory() && item.path().filename().string().starts_with("selection-")) {
        fs::resize_file(item.path() / name, 20);
      }
    }
    EXPECT_FALSE(prepare(options_).reused) << name;
    EXPECT_TRUE(prepare(options_).reused) << name;
  }
  EXPECT_EQ(test::contents(first.corpus_folder), bytes);
}

TEST_F(SelectionTest, SaysWhenTheTextChangedSince) {
  add_source(test::make_documents(300));
  options_.rules.exact_duplicates = true;
  const Prepared prepared = prepare(options_);
  fs::remove_all(prepared.corpus_folder);
  // Behind its back: name, size and time are the same, the documents are not.
  const fs::path file = options_.sources[0];
  const auto time = fs::last_write_time(file);
  std::string content = read_file(file);
  std::replace(content.begin() + 2000, content.end(), '\n', ' ');
  std::ofstream(file) << content;
  fs::last_write_time(file, time);
  try {
    (void)prepare(options_);
    FAIL() << "packed other documents than were selected";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the text changed"));
  }
}

}  // namespace
}  // namespace cram::corpus
