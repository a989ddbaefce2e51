// Recipes that go on with a pretrained model.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

#include "support/temp_folder.h"

namespace cram::recipe {
namespace {

using testing::HasSubstr;

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

// A recipe of two levels below its arguments, with a model of 6 layers and dropout in the folder
// "m".
class LoadFrom : public testing::Test {
 protected:
  LoadFrom() {
    theirs_.layers = 6;
    theirs_.hidden_size = 48;
    theirs_.heads = 4;
    theirs_.positions = Positions::kRotary;
    theirs_.dropout = 0.1;
    theirs_.segments = 1;
    write_file(folder_ / "base.yaml",
               "budget: {time: 1h}\ndata: {sources: text}\n"
               "tokenizer: {vocab_size: 999}\n"
               "model: {layers: 4, dropout: 0.2, qk_norm: true}\n");
  }

  [[nodiscard]] Recipe load_with(const std::string& yaml,
                                 const std::vector<std::string>& overrides = {}) const {
    write_file(folder_ / "r.yaml", "base: base.yaml\n" + yaml);
    return load(folder_ / "r.yaml", overrides, Purpose::kPretraining, [&](const Recipe& written) {
      EXPECT_EQ(written.model.from, "m");
      return theirs_;
    });
  }
  [[nodiscard]] std::string problems_with(const std::string& yaml,
                                          const std::vector<std::string>& overrides = {}) const {
    try {
      (void)load_with(yaml, overrides);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "no problem";
  }

  test::TempFolder folder_;
  Model theirs_;
};

TEST_F(LoadFrom, TakesTheArchitectureOfTheFolderOverAnInheritedOne) {
  Model expected = theirs_;
  expected.from = "m";
  const Recipe recipe = load_with("", {"model.from=m"});
  EXPECT_EQ(recipe.model, expected);
  EXPECT_EQ(recipe.tokenizer, Tokenizer()) << "the inherited one has no effect";
  EXPECT_EQ(load_with("model: {from: m, layers: 6, dropout: 0.1}").model, expected);
}

TEST_F(LoadFrom, LetsTheRecipeDecideWhatOnlyTrainingGoesBy) {
  EXPECT_EQ(load_with("model: {from: m, dropout: 0.3}").model.dropout, 0.3);
  EXPECT_EQ(load_with("model: {from: m}", {"model.init_std=0.5"}).model.init_std, 0.5);
}

TEST_F(LoadFrom, RefusesSequencesLongerThanTheTableOfTheFolder) {
  theirs_.positions = Positions::kLearned;
  theirs_.max_positions = 40;
  EXPECT_EQ(load_with("model: {from: m}\nsequence: {length: 40}").sequence.length, 40);
  EXPECT_THAT(problems_with("model: {from: m}\nsequence: {length: 48}"),
              HasSubstr("'sequence.length' is 48, but the model in 'm' has 40 positions"));
}

TEST_F(LoadFrom, RefusesAnArchitectureBesideItThatIsNotTheFolders) {
  EXPECT_THAT(problems_with("model: {from: m, layers: 4}"),
              testing::EndsWith("r.yaml:2:18: 'model.layers' is 4, but the model in 'm' has 6"));
  EXPECT_EQ(
      problems_with("model: {from: m}", {"model.positions=learned"}),
      "argument 'model.positions=learned': 'model.positions' is learned, but the model in 'm' "
      "has rotary");
  EXPECT_THAT(problems_with("model: {from: m, init: wang, init_std: 0.3}"),
              HasSubstr("'model.init_std' has no effect here"));
  EXPECT_THAT(problems_with("model: {from: m}\ntokenizer: {vocab_size: 100}"),
              HasSubstr("'tokenizer.vocab_size' has no effect here: it needs that tokenizer.file "
                        "and model.from are empty"));
  EXPECT_THAT(problems_with("model: {from: m}", {"tokenizer.file=v.txt"}),
              HasSubstr("'tokenizer.file' has no effect here"));
}

TEST_F(LoadFrom, ReadsTheRecordOfARunAsItIsWritten) {
  const Recipe recipe = load_with("model: {from: m}");
  EXPECT_EQ(parse(to_yaml(recipe), "recipe.yaml"), recipe);
}

}  // namespace
}  // namespace cram::recipe
