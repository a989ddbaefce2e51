// Our folders in sentence-transformers, which takes the mean of the tokens of a plain encoder.
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "cram/checkpoint/companions.h"
#include "cram/checkpoint/mark.h"
#include "cram/checkpoint/model_folder.h"

#include "encoder_of.h"
#include "python_peer.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kSentences = {"word5 word6 word7", "word30", "word9 word8 unknown",
                                             "word11 word12 word13 word14 word15 word16"};

TEST(SentenceTransformers, MakesTheMeanOfOurTokensAnEmbedding) {
  const test::TempFolder folder;
  write_small_vocab(folder / "vocab.txt");
  const auto tokenizer = tokenizer::load_tokenizer(folder / "vocab.txt", {});
  const std::vector<std::pair<std::string, const char*>> recipes = {{"bert", kBert},
                                                                    {"distilbert", kDistilBert},
                                                                    {"electra", kElectra},
                                                                    {"modernbert", kModernBert}};
  std::vector<fs::path> arguments = {nlohmann::json(kSentences).dump()};
  for (const auto& [name, yaml] : recipes) {
    const recipe::Recipe recipe = recipe::parse(yaml, "test");
    write_model_folder(folder / name, recipe, small_model(recipe).weights(), *tokenizer);
    arguments.push_back(folder / name);
    arguments.push_back(folder / (name + ".safetensors"));
  }
  const auto result = run_python_peer("sentence_embeddings.py", arguments);
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with sentence-transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  for (const auto& [name, yaml] : recipes) {
    const auto model = encoder_of(read_model_folder(folder / name));
    const auto theirs = read_safetensors(folder / (name + ".safetensors")).tensors;
    for (std::size_t i = 0; i < kSentences.size(); ++i) {
      const at::Tensor ids = theirs.at("ids." + std::to_string(i)).unsqueeze(0);
      EXPECT_GT(ids.size(1), static_cast<std::int64_t>(tokenizer->encode(kSentences[i]).size()));
      const at::Tensor ours = model.encode(ids, model::Mode::kEvaluation).mean(1).squeeze(0);
      const at::Tensor embedding = theirs.at("embeddings")[static_cast<std::int64_t>(i)];
      EXPECT_LT(ours.sub(embedding).abs().max().item<double>(), 1e-4) << name << ": " << i;
    }
  }
}

TEST(SentenceTransformers, MakesTheSameEmbeddingsOfAFolderThatWasReadAndWritten) {
  const test::TempFolder folder;
  write_small_vocab(folder / "vocab.txt");
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  write_model_folder(folder / "theirs", recipe, small_model(recipe).weights(),
                     *tokenizer::load_tokenizer(folder / "vocab.txt", {}));
  const std::string sentences = nlohmann::json(kSentences).dump();
  const auto made = run_python_peer("sentence_embeddings.py",
                                    {sentences, "--save", folder / "theirs", folder / "before"});
  if (made == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with sentence-transformers";
  }
  ASSERT_EQ(made, PeerResult::kDone);
  write_model_folder(folder / "ours", read_model_folder(folder / "theirs"));
  Companions(folder / "theirs").write(folder / "ours");
  ASSERT_EQ(
      run_python_peer("sentence_embeddings.py", {sentences, folder / "ours", folder / "after"}),
      PeerResult::kDone);
  const at::Tensor before = read_safetensors(folder / "before").tensors.at("embeddings");
  const at::Tensor after = read_safetensors(folder / "after").tensors.at("embeddings");
  EXPECT_LT(after.sub(before).abs().max().item<double>(), 1e-5);
  EXPECT_LT(after.norm(2, {1}).sub(1).abs().max().item<double>(), 1e-5) << "of length 1";
  EXPECT_TRUE(is_marked(folder / "ours"));
}

}  // namespace
}  // namespace cram::checkpoint
