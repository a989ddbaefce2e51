#include "cram/finetune/inputs.h"

#include <csignal>

#include <gmock/gmock.h>

#include "cram/base/interrupt.h"

#include "small_task.h"

namespace cram::finetune {
namespace {

using testing::ElementsAre;

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

}  // namespace
}  // namespace cram::finetune
