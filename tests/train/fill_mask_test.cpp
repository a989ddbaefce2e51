// Guesses for blanks against transformers' pipeline, on folders that we wrote and on folders that
// it wrote. Skipped where Python has it not.
#include "cram/train/fill_mask.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"

#include "checkpoint/python_peer.h"
#include "checkpoint/small_models.h"
#include "support/temp_folder.h"
#include "tokenizer/oracle.h"
#include "tokenizer/parity_texts.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using tokenizer::test::ask_oracle;
using tokenizer::test::kNoOracle;

LoadedModel load(const fs::path& folder) {
  recipe::Device device;
  device.type = "cpu";
  recipe::Precision precision;
  precision.compute = recipe::PrecisionType::kFp32;
  return load_model(folder, device, precision);
}

void expect_guesses(const LoadedModel& model, const std::string& text, const json& blanks) {
  const auto ours = fill_masks(model, text, 5);
  ASSERT_EQ(ours.size(), blanks.size()) << text;
  for (std::size_t blank = 0; blank < ours.size(); ++blank) {
    for (std::size_t place = 0; place < 5; ++place) {
      const json& theirs = blanks[blank].at(place);
      const Guess& guess = ours[blank].at(place);
      EXPECT_EQ(guess.id, theirs.at(0)) << text;
      EXPECT_EQ(guess.token, theirs.at(1)) << text;
      EXPECT_NEAR(guess.probability, theirs.at(2), 1e-4) << text;
    }
  }
}

// Expects the guesses of each folder, in their order, with ids, texts and probabilities. False
// without Python.
bool expect_guesses_of_pipeline(const std::vector<fs::path>& folders,
                                const std::vector<std::string>& texts) {
  std::string options = "--folder";
  for (const fs::path& folder : folders) options += " '" + folder.string() + "'";
  const auto expected = ask_oracle("fill-mask", texts, options);
  if (!expected) return false;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const LoadedModel model = load(folders[i]);
    for (std::size_t j = 0; j < texts.size(); ++j) {
      expect_guesses(model, texts[j], expected->at(i).at(j));
    }
  }
  return true;
}

class FillMask : public testing::TestWithParam<const char*> {
 protected:
  // A random model in a folder of ours.
  [[nodiscard]] fs::path write(const recipe::Sequence& sequence) const {
    recipe::Recipe recipe = recipe::parse(GetParam(), "test");
    recipe.sequence = sequence;
    checkpoint::write_small_vocab(folder_ / "vocab.txt");
    const fs::path path =
        folder_ / (std::to_string(sequence.separator) + std::to_string(sequence.start_token));
    checkpoint::write_model_folder(path, recipe, checkpoint::small_model(recipe).weights(),
                                   *tokenizer::load_tokenizer(folder_ / "vocab.txt", {}));
    return path;
  }

  test::TempFolder folder_;
};

TEST_P(FillMask, GivesTheGuessesOfTheExportedModelWhateverStandsAroundTexts) {
  const std::vector<std::string> texts = {"word7 [MASK] word9.", "[MASK]",
                                          "Word30 word31 [MASK] [MASK] word8 [MASK]word6"};
  std::vector<fs::path> folders;
  std::vector<double> best;
  for (const bool separator : {true, false}) {
    for (const bool start_token : {true, false}) {
      folders.push_back(write({.length = 16, .separator = separator, .start_token = start_token}));
      best.push_back(fill_masks(load(folders.back()), texts[0], 1)[0][0].probability);
      EXPECT_EQ(std::count(best.begin(), best.end(), best.back()), 1) << "or nothing is compared";
    }
  }
  if (!expect_guesses_of_pipeline(folders, texts)) GTEST_SKIP() << kNoOracle;
}

TEST_P(FillMask, FramesAFolderWithoutARecipeAsItsTokenizerDoes) {
  const std::string text = "word7 [MASK] word9";
  const fs::path path = write({.length = 16, .separator = true, .start_token = false});
  const double before = fill_masks(load(path), text, 1)[0][0].probability;
  fs::remove(path / "recipe.yaml");
  EXPECT_NEAR(fill_masks(load(path), text, 1)[0][0].probability, before, 1e-6);
  EXPECT_FALSE(load(path).recipe.sequence.start_token);
}

INSTANTIATE_TEST_SUITE_P(Models, FillMask,
                         testing::Values(checkpoint::kBert, checkpoint::kModernBert),
                         [](const auto& model) {
                           return model.param == checkpoint::kBert ? "Bert" : "ModernBert";
                         });

// Random models and new tokenizers, as transformers writes them.
TEST(FillMaskOfRoberta, GivesTheGuessesOfThePipeline) {
  const std::vector<std::string> corpus(20, "The zebra saw the cat; it didn't run.");
  const test::TempFolder folder;
  std::vector<fs::path> folders;
  json models = json::array();
  for (const std::string form : {"roberta", "prefix"}) {
    folders.push_back(folder / form);
    fs::create_directory(folders.back());
    const auto tokens = ask_oracle(
        "train-bpe", corpus,
        "--vocab-size 300 --form " + form + " --folder '" + folders.back().string() + "'");
    if (!tokens) GTEST_SKIP() << kNoOracle;
    const json config = {
        {"vocab_size", tokens->size()}, {"pad_token_id", 1}, {"max_position_embeddings", 60}};
    models.push_back({{"name", form}, {"class", "RobertaForMaskedLM"}, {"config", config}});
  }
  ASSERT_EQ(checkpoint::run_python_peer("hugging_face_folders.py", {folder.path(), models.dump()}),
            checkpoint::PeerResult::kDone);
  EXPECT_TRUE(expect_guesses_of_pipeline(
      folders, {"The zebra <mask> the cat.", "<mask>", " <mask> zebra  <mask>", "it<mask> run",
                "The cat;\n<mask>\ndidn't <mask><mask>"}));
}

TEST(FillMaskOfRoberta, KnowsBothNamesOfABlank) {
  const test::TempFolder folder;
  const auto recipe = recipe::parse(checkpoint::kBert, "test");
  std::string vocab = "<pad>\n<unk>\n<s>\n</s>\n<mask>\n";
  for (int i = 5; i < checkpoint::kVocab; ++i) vocab += "word" + std::to_string(i) + "\n";
  checkpoint::write_bytes(folder / "vocab.txt", vocab);
  checkpoint::write_model_folder(folder / "model", recipe,
                                 checkpoint::small_model(recipe).weights(),
                                 *tokenizer::load_tokenizer(folder / "vocab.txt", {}));
  const LoadedModel model = load(folder / "model");
  const auto guess = [&](const char* text) { return fill_masks(model, text, 1); };
  ASSERT_EQ(guess("word7 <mask> [MASK]").size(), 2U);
  EXPECT_EQ(guess("word7 <mask> [MASK]")[1][0].id, guess("word7 [MASK] <mask>")[1][0].id);
  EXPECT_THROW((void)guess("word7"), Error);
}

}  // namespace
}  // namespace cram::train
