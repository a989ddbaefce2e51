#include "cram/finetune/inputs.h"

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>

#include "cram/base/interrupt.h"

#include "small_task.h"
#include "tokenizer/oracle.h"
#include "tokenizer/parity_texts.h"

namespace cram::finetune {
namespace {

using testing::ElementsAre;
using tokenizer::test::ask_oracle;
using tokenizer::test::kNoOracle;

class InputsTest : public testing::Test {
 protected:
  [[nodiscard]] Input make(const glue::Example& example, const FramingOptions& options = {}) const {
    return make_all(example, options).front();
  }
  [[nodiscard]] std::vector<Input> make_all(const glue::Example& example,
                                            const FramingOptions& options) const {
    return make_inputs({"train", {example}}, data_, *tokenizer_, options);
  }
  // The tokens as text.
  [[nodiscard]] std::string text(const Input& input) const {
    std::string joined;
    for (const auto id : input.ids) joined += std::string(tokenizer_->token(id)) + " ";
    return joined;
  }

  cram::test::TempFolder folder_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_ = test::make_tokenizer(folder_);
  glue::DataSet data_;
};

TEST_F(InputsTest, FramesOneText) {
  const Input input = make({.first = "the cat", .target = 1});
  EXPECT_EQ(text(input), "[CLS] the cat [SEP] ");
  EXPECT_EQ(input.second, input.length());
  EXPECT_EQ(input.target, 1);
}

TEST_F(InputsTest, EndsALoneTextTwiceWhereAsked) {
  const Input input = make({.first = "the cat"}, {.second_separator = true});
  EXPECT_EQ(text(input), "[CLS] the cat [SEP] [SEP] ");
  EXPECT_EQ(input.second, 4);
}

TEST_F(InputsTest, FramesAPairAndTellsWhereTheSecondTextBegins) {
  data_.pairs = true;
  const Input input = make({.first = "the cat", .second = "one dog"});
  EXPECT_EQ(text(input), "[CLS] the cat [SEP] one dog [SEP] ");
  EXPECT_EQ(input.second, 4);
}

TEST_F(InputsTest, FramesAPairWithAnEmptySecondText) {
  data_.pairs = true;
  EXPECT_EQ(text(make({.first = "the cat"})), "[CLS] the cat [SEP] [SEP] ");
}

TEST_F(InputsTest, CutsTheEndOfOneText) {
  const Input input =
      make({.first = "one two three four five six the cat sees"}, {.max_length = 8});
  EXPECT_EQ(text(input), "[CLS] one two three four five six [SEP] ");
}

TEST_F(InputsTest, CutsTheLongerTextOfAPairFirst) {
  data_.pairs = true;
  const Input longer_first =
      make({.first = "one two three four five six", .second = "the cat"}, {.max_length = 9});
  EXPECT_EQ(text(longer_first), "[CLS] one two three four [SEP] the cat [SEP] ");
  const Input both_long =
      make({.first = "one two three four five six", .second = "the cat sees the dog and"},
           {.max_length = 8});
  EXPECT_EQ(text(both_long), "[CLS] one two [SEP] the cat sees [SEP] ");
}

TEST_F(InputsTest, NeverTakesSpecialTokensFromText) {
  const Input input = make({.first = "[SEP] [MASK]"});
  EXPECT_EQ(std::count(input.ids.begin(), input.ids.end(), tokenizer_->special_tokens().sep), 1);
  EXPECT_EQ(std::count(input.ids.begin(), input.ids.end(), tokenizer_->special_tokens().mask), 0);
}

TEST_F(InputsTest, LabelsTheFirstTokenOfEachWord) {
  data_.problem = glue::Problem::kTokenLabels;
  const Input input = make({.words = {"the", "cats", "sees"}, .word_labels = {0, 2, 1}});
  EXPECT_EQ(text(input), "[CLS] the cat ##s sees [SEP] ");
  EXPECT_THAT(input.labels, ElementsAre(kNoLabel, 0, 2, kNoLabel, 1, kNoLabel));
  EXPECT_THAT(input.words, ElementsAre(-1, 0, 1, -1, 2, -1));
}

TEST_F(InputsTest, KnowsItsWordsWithoutLabels) {
  data_.problem = glue::Problem::kTokenLabels;
  const Input input = make({.words = {"the", "", "cat"}});
  EXPECT_THAT(input.labels, ElementsAre(kNoLabel, kNoLabel, kNoLabel, kNoLabel));
  EXPECT_THAT(input.words, ElementsAre(-1, 0, 2, -1));
}

TEST_F(InputsTest, CutsSentencesAtTheirEnd) {
  data_.problem = glue::Problem::kTokenLabels;
  const std::vector<std::string> words(20, "cat");
  const Input input =
      make({.words = words, .word_labels = std::vector<int>(20, 1)}, {.max_length = 8});
  EXPECT_EQ(input.length(), 8);
  EXPECT_THAT(input.labels, ElementsAre(kNoLabel, 1, 1, 1, 1, 1, 1, kNoLabel));
}

TEST_F(InputsTest, FindsTheTokensOfAnAnswer) {
  data_.problem = glue::Problem::kSpan;
  const std::string context = "the dog sees two cats, one bird";
  const Input input = make({.first = "of", .second = context, .answers = {{"two cats", 13}}});
  EXPECT_EQ(text(input), "[CLS] of [SEP] the dog sees two cat ##s , one bird [SEP] ");
  EXPECT_EQ(input.answer_begin, 6);
  EXPECT_EQ(input.answer_end, 8);
  const ByteRange first = input.places[static_cast<std::size_t>(input.answer_begin - input.second)];
  EXPECT_EQ(context.substr(first.begin, first.end - first.begin), "two");
}

// SQuAD has some of these, marked by people who dragged a little too far.
TEST_F(InputsTest, FindsAnAnswerWithWhiteSpaceAroundIt) {
  data_.problem = glue::Problem::kSpan;
  const std::string context = "the dog sees  two cats \n one bird";
  const auto expect_two_cats = [&](const std::string& text) {
    const Input input =
        make({.first = "of", .second = context, .answers = {{text, context.find(text)}}});
    EXPECT_EQ(input.answer_begin, 6) << "'" << text << "'";
    EXPECT_EQ(input.answer_end, 8) << "'" << text << "'";
  };
  for (const char* answer : {"two cats", "two cats \n ", "  two cats", " two cats "}) {
    expect_two_cats(answer);
  }
}

TEST_F(InputsTest, TakesWhiteSpaceForNoAnswer) {
  data_.problem = glue::Problem::kSpan;
  const Input input = make({.first = "of", .second = "the dog", .answers = {{" ", 3}}});
  EXPECT_EQ(input.answer_end, 0);
}

TEST_F(InputsTest, StopsWhenAskedTo) {
  interrupt::request_stop(SIGTERM);
  EXPECT_THROW((void)make({.first = "the cat"}), Interrupted);
  interrupt::clear();
}

TEST_F(InputsTest, SaysThatAQuestionHasNoAnswer) {
  data_.problem = glue::Problem::kSpan;
  const Input input = make({.first = "of", .second = "the dog"});
  EXPECT_EQ(input.answer_begin, 0);
  EXPECT_EQ(input.answer_end, 0);
}

TEST_F(InputsTest, LooksAtALongContextThroughOverlappingWindows) {
  data_.problem = glue::Problem::kSpan;
  std::string context;
  for (int i = 0; i < 20; ++i) context += "the ";
  context += "cat";
  const std::vector<Input> windows =
      make_all({.first = "of", .second = context, .answers = {{"cat", 80}}}, {.max_length = 12});
  ASSERT_GT(windows.size(), 2u);
  std::size_t covered = 0;
  for (const Input& window : windows) {
    EXPECT_LE(window.length(), 12);
    EXPECT_LE(window.places.front().begin, covered);
    covered = window.places.back().end;
  }
  EXPECT_EQ(covered, context.size());
  EXPECT_EQ(windows.front().answer_begin, 0);
  EXPECT_EQ(windows.back().answer_end, windows.back().length() - 2);
}

// RoBERTa's tokenizer, as transformers writes and uses it.
class RobertaInputs : public testing::Test {
 protected:
  [[nodiscard]] Input make(const glue::Example& example) const {
    return make_inputs({"train", {example}}, data_, *tokenizer_, {}).front();
  }

  glue::DataSet data_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
};

TEST_F(RobertaInputs, AreThoseOfTransformers) {
  const std::vector<std::string> corpus(20, "The zebra saw the cat; it didn't run.");
  const std::vector<std::string> texts = {
      "The zebra saw", "it",       "the cat; ran!",         "The  zebra\n\nsaw 12th, don't...",
      "zebra",         " the cat", "caf\u00e9 <mask> </s>", "\u4e2d\u56fd the\u00a0cat (it)."};
  const cram::test::TempFolder folder;
  const std::string at = "--folder '" + folder.path().string() + "'";
  if (!ask_oracle("train-bpe", corpus, "--vocab-size 300 --form files " + at)) {
    GTEST_SKIP() << kNoOracle;
  }
  tokenizer_ = tokenizer::load_hugging_face_tokenizer(folder.path()).tokenizer;
  const auto expected = ask_oracle("examples", texts, at);
  ASSERT_TRUE(expected);
  using Ids = std::vector<tokenizer::TokenId>;
  for (std::size_t i = 0; i < texts.size(); i += 2) {
    const nlohmann::json& theirs = expected->at(i / 2);
    const std::string &first = texts[i], &second = texts[i + 1];
    data_ = {};
    EXPECT_EQ(make({.first = first}).ids, theirs["single"].get<Ids>()) << first;
    data_.pairs = true;
    const Input pair = make({.first = first, .second = second});
    EXPECT_EQ(pair.ids, theirs["pair"].get<Ids>()) << first;
    EXPECT_EQ(pair.second, theirs["second"]) << first;
    data_.problem = glue::Problem::kSpan;
    const Input question = make({.first = first, .second = second});
    EXPECT_EQ(question.ids, theirs["pair"].get<Ids>()) << "words and their spaces: " << second;
    data_.problem = glue::Problem::kTokenLabels;
    glue::Example example;
    std::istringstream stream(first);
    for (std::string word; stream >> word;) example.words.push_back(word);
    EXPECT_EQ(make(example).ids, theirs["words"].get<Ids>()) << first;
  }
}

TEST_F(RobertaInputs, PlaceTheTokensOfAContextAtItsWords) {
  const std::string context = "The  zebra saw it...\nAnd the-cat";
  const cram::test::TempFolder folder;
  if (!ask_oracle("train-bpe", {context, context, context},
                  "--vocab-size 300 --form files --folder '" + folder.path().string() + "'")) {
    GTEST_SKIP() << kNoOracle;
  }
  tokenizer_ = tokenizer::load_hugging_face_tokenizer(folder.path()).tokenizer;
  data_.problem = glue::Problem::kSpan;
  glue::Example example{.first = "who", .second = context};
  example.answers = {{.text = "the-cat", .begin = context.find("the-cat")}};
  const Input input = make(example);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < input.places.size(); ++i) {
    if (i > 0 && input.places[i] == input.places[i - 1]) continue;
    const ByteRange place = input.places[i];
    words.push_back(context.substr(place.begin, place.end - place.begin));
  }
  EXPECT_THAT(words,
              ElementsAre("The", "", "zebra", "saw", "it", "...", "", "And", "the", "-", "cat"));
  const auto place_at = [&](std::int64_t token) {
    return input.places.at(static_cast<std::size_t>(token - input.second));
  };
  EXPECT_EQ(place_at(input.answer_begin).begin, context.find("the-cat"));
  EXPECT_EQ(place_at(input.answer_end).end, context.size());
}

}  // namespace
}  // namespace cram::finetune
