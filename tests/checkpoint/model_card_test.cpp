#include "cram/checkpoint/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"
#include "cram/checkpoint/task_folder.h"

#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const ModelCard kBertCard{"mine", "BertForMaskedLM", true, {{"parameters", "1,234"}}, {}};

TEST(ModelCard, IsATextThatTheHubReads) {
  EXPECT_EQ(render_card(kBertCard), R"(---
library_name: transformers
pipeline_tag: fill-mask
tags:
- cram
---

# mine

An encoder with a head that predicts masked tokens.

## Model

| | |
|---|---|
| parameters | 1,234 |

## Use

```python
from transformers import AutoModelForMaskedLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = AutoModelForMaskedLM.from_pretrained("FOLDER")
```
)");
}

TEST(ModelCard, SaysWhichPipelineAndClassTheModelIsFor) {
  const std::vector<std::tuple<const char*, const char*, const char*>> all = {
      {"BertModel", "feature-extraction", "AutoModel.from"},
      {"RobertaForMaskedLM", "fill-mask", "AutoModelForMaskedLM.from"},
      {"BertForSequenceClassification", "text-classification",
       "AutoModelForSequenceClassification.from"},
      {"BertForTokenClassification", "token-classification",
       "AutoModelForTokenClassification.from"},
      {"BertForQuestionAnswering", "question-answering", "AutoModelForQuestionAnswering.from"}};
  for (const auto& [architecture, pipeline, load] : all) {
    EXPECT_THAT(render_card({"x", architecture, true, {}, {}}),
                AllOf(HasSubstr(std::string("pipeline_tag: ") + pipeline + "\n"), HasSubstr(load)));
  }
}

TEST(ModelCard, SendsToCramWhatNoClassOfTransformersComputes) {
  EXPECT_THAT(
      render_card({"mine", "CramForMaskedLM", false, {}, {}}),
      AllOf(HasSubstr("library_name: cram\n"), HasSubstr("cram fill-mask --checkpoint FOLDER"),
            Not(HasSubstr("from_pretrained"))));
  EXPECT_THAT(render_card({"mine", "CramForSequenceClassification", false, {}, {}}),
              HasSubstr("cram predict --checkpoint FOLDER"));
}

TEST(ModelCard, StaysWholeWhateverTheTextInIt) {
  ModelCard card = kBertCard;
  card.title = "a\n---\nlicense: mit\n# b";
  card.training = {{"text", "x | y\n| z | <b>&amp;[l](u)*`_$"}, {"label", "\x1b[31m\xff\\"}};
  const std::string text = render_card(card);
  EXPECT_THAT(text,
              AllOf(HasSubstr("\n# a?---?license: mit?\\# b\n"),
                    HasSubstr("| text | x \\| y?\\| z \\| \\<b\\>\\&amp;\\[l\\](u)\\*\\`\\_\\$ |"),
                    HasSubstr("| label | ?\\[31m\xEF\xBF\xBD\\\\ |\n")));
  EXPECT_EQ(text.find("\n---\n", 4), text.rfind("\n---\n")) << "a second front matter";
}

TEST(ModelCard, LoadsFoldersOfAnyName) {
  EXPECT_EQ(loading_line(kBertCard, "a \"b\""),
            "AutoModelForMaskedLM.from_pretrained(\"a \\\"b\\\"\")");
  EXPECT_THAT(loading_line({"x", "CramForMaskedLM", false, {}, {}}, "it's; rm"),
              HasSubstr("--checkpoint 'it'\\''s; rm' "));
}

TEST(RecipeFacts, AreThoseThatARecipeKnows) {
  recipe::Recipe recipe = recipe::parse(kBert, "test");
  recipe.name = "tiny";
  recipe.data.sources = {"a.txt", "b"};
  EXPECT_THAT(recipe_facts(recipe),
              ElementsAre(Fact{"pretraining recipe", "tiny"}, Fact{"pretraining text", "a.txt, b"},
                          Fact{"pretraining budget", "10 updates"}));
  recipe.data.sources.assign(20, "c");
  EXPECT_THAT(recipe_facts(recipe)[1].value, testing::EndsWith(", c and 12 more"));
  EXPECT_TRUE(recipe_facts({}).empty()) << "made of a config.json";
}

class ModelCardOfAFolder : public testing::Test {
 protected:
  ModelCardOfAFolder() {
    write_small_vocab(folder_ / "vocab.txt");
    tokenizer_ = tokenizer::load_tokenizer(folder_ / "vocab.txt", {});
  }
  [[nodiscard]] std::string text() const { return read_bytes(path_ / "README.md"); }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "model";
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
};

TEST_F(ModelCardOfAFolder, TellsTheSizesOfTheModel) {
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  const auto model = small_model(recipe);
  const ModelCard card =
      write_model_folder(path_, recipe, model.weights(), *tokenizer_, {{"updates", "10"}});
  EXPECT_EQ(text(), render_card(card));
  std::int64_t parameters = 0;
  for (const auto& weight : model.weights()) parameters += weight->master.numel();
  EXPECT_THAT(card.model,
              testing::IsSupersetOf({Fact{"architecture", "BertForMaskedLM"},
                                     Fact{"layers", "2 of width 24, 3 heads, inner width 48"},
                                     Fact{"vocabulary", "40 tokens, WordPiece"},
                                     Fact{"heads", "masked tokens"}}));
  EXPECT_THAT(text(),
              AllOf(HasSubstr("library_name: transformers"), HasSubstr("| updates | 10 |")));
}

TEST_F(ModelCardOfAFolder, SendsToCramWhatAPackageOfItsOwnComputes) {
  const recipe::Recipe recipe = recipe::parse(kCrammed, "test");
  write_model_folder(path_, recipe, small_model(recipe).weights(), *tokenizer_);
  EXPECT_THAT(text(), AllOf(HasSubstr("library_name: cram"), HasSubstr("cram fill-mask"),
                            HasSubstr("ScriptableLMForPreTraining"),
                            HasSubstr("| heads | masked tokens |")));
}

TEST_F(ModelCardOfAFolder, LeavesOutWhatIsNotKnown) {
  const recipe::Recipe recipe = recipe::parse(kOwn, "test");
  write_model_folder(path_, recipe, small_model(recipe).weights(), *tokenizer_);
  EXPECT_THAT(text(), AllOf(HasSubstr("library_name: cram"), HasSubstr("CramForMaskedLM"),
                            Not(HasSubstr("## Training"))));
}

TEST_F(ModelCardOfAFolder, IsNamedAfterWhatIsLeftOfTheModel) {
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  ModelFolder model{recipe, masters(small_model(recipe).weights()), tokenizer_};
  std::erase_if(model.weights, [](const auto& entry) { return entry.first.starts_with("head."); });
  EXPECT_EQ(write_model_folder(path_, model).architecture, "BertModel");
  EXPECT_THAT(read_bytes(path_ / "config.json"), HasSubstr("\"BertModel\""));
  EXPECT_THAT(text(), HasSubstr("pipeline_tag: feature-extraction"));
  EXPECT_FALSE(predicts_masked_tokens(read_model_folder(path_)));
}

TEST_F(ModelCardOfAFolder, TellsTheTaskOfAFineTunedModel) {
  const recipe::Recipe recipe = recipe::parse(kCrammed, "test");
  const TaskDescription task{.task = "my_task",
                             .problem = "token-labels",
                             .labels = {"O", "a|b"},
                             .head = {.outputs = model::Outputs::kOfTokens, .size = 2}};
  const model::TaskModel model(recipe.model, {16, kVocab}, task.head, {}, 3);
  write_task_folder(path_, {recipe, masters(model.weights()), tokenizer_, task},
                    {{"dev accuracy", "91.20 %"}});
  EXPECT_THAT(text(), AllOf(HasSubstr("# my\\_task\n"), HasSubstr("| labels | O, a\\|b |"),
                            HasSubstr("| heads | task |"), HasSubstr("| dev accuracy | 91.20 % |"),
                            HasSubstr("pipeline_tag: token-classification")));
}

}  // namespace
}  // namespace cram::checkpoint
