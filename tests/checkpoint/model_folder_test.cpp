#include "cram/checkpoint/model_folder.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/checkpoint/restore.h"
#include "cram/model/masked_lm.h"
#include "cram/recipe/load.h"

#include "file_bytes.h"
#include "python_peer.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using TensorMap = std::map<std::string, at::Tensor>;

class FailingTokenizer final : public tokenizer::Tokenizer {
 public:
  void encode(std::string_view, std::vector<tokenizer::TokenId>&) const override {}
  [[nodiscard]] std::string decode(std::span<const tokenizer::TokenId>) const override {
    return "";
  }
  [[nodiscard]] std::int64_t vocab_size() const override { return kVocab; }
  [[nodiscard]] const tokenizer::SpecialTokens& special_tokens() const override { return special_; }
  [[nodiscard]] std::string_view token(tokenizer::TokenId) const override { return ""; }
  [[nodiscard]] bool continues_word(tokenizer::TokenId) const override { return false; }
  [[nodiscard]] std::uint64_t fingerprint() const override { return 0; }
  void save(const fs::path& folder, const tokenizer::Use&) const override {
    throw Error(ErrorCode::kStorage, folder.string() + ": disk full");
  }

 private:
  tokenizer::SpecialTokens special_;
};

class ModelFolderTest : public testing::Test {
 protected:
  ModelFolderTest() {
    write_small_vocab(folder_ / "vocab.txt");
    tokenizer_ = tokenizer::load_tokenizer(folder_ / "vocab.txt", {});
  }

  struct Made {
    recipe::Recipe recipe;
    model::MaskedLanguageModel model;
  };
  // A model of the recipe, written to path_.
  Made write(const std::string& yaml) {
    const recipe::Recipe recipe = recipe::parse(yaml, "test");
    model::MaskedLanguageModel model = small_model(recipe);
    write_model_folder(path_, recipe, model.weights(), *tokenizer_);
    return {recipe, std::move(model)};
  }
  void expect_refused(const std::string& because) {
    try {
      (void)read_model_folder(path_);
      ADD_FAILURE() << "read a folder that should be refused because: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      EXPECT_THAT(error.what(), HasSubstr(because));
    }
  }
  [[nodiscard]] nlohmann::json config() const {
    return nlohmann::json::parse(read_bytes(path_ / "config.json"));
  }

  test::TempFolder folder_;
  fs::path path_ = folder_ / "model";
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
};

TEST_F(ModelFolderTest, ComesBackAsItWas) {
  for (const char* yaml : {kBert, kDistilBert, kElectra, kModernBert, kCrammed, kOwn}) {
    const Made made = write(yaml);
    const ModelFolder folder = read_model_folder(path_);
    EXPECT_EQ(recipe::to_yaml(folder.recipe), recipe::to_yaml(made.recipe));
    EXPECT_EQ(folder.tokenizer->fingerprint(), tokenizer_->fingerprint());
    const TensorMap read(folder.weights.begin(), folder.weights.end());
    ASSERT_EQ(read.size(), made.model.weights().size());
    for (const auto& weight : made.model.weights()) {
      EXPECT_TRUE(read.at(weight->name).equal(weight->master)) << weight->name;
    }
    restore(folder.weights, masters(made.model.weights()), "folder");
  }
}

TEST_F(ModelFolderTest, TellsTheTokenizerHowLongATextMayBe) {
  for (const char* yaml : {kBert, kDistilBert, kModernBert, kOwn}) {
    const Made made = write(yaml);
    const auto tokens =
        nlohmann::json::parse(read_bytes(path_ / "tokenizer_config.json")).at("model_max_length");
    EXPECT_EQ(tokens, std::max(made.recipe.model.max_positions, made.recipe.sequence.length));
  }
}

TEST_F(ModelFolderTest, NamesTheWeightsOfAnOriginalBertAsHuggingFaceDoes) {
  const Made made = write(kBert);
  std::set<std::string> expected = {"bert.embeddings.word_embeddings.weight",
                                    "bert.embeddings.position_embeddings.weight",
                                    "bert.embeddings.token_type_embeddings.weight",
                                    "bert.embeddings.LayerNorm.weight",
                                    "bert.embeddings.LayerNorm.bias",
                                    "cls.predictions.bias",
                                    "cls.predictions.transform.dense.weight",
                                    "cls.predictions.transform.dense.bias",
                                    "cls.predictions.transform.LayerNorm.weight",
                                    "cls.predictions.transform.LayerNorm.bias"};
  for (const std::string layer : {"0", "1"}) {
    for (const std::string part :
         {"attention.self.query", "attention.self.key", "attention.self.value",
          "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
          "output.dense", "output.LayerNorm"}) {
      for (const std::string kind : {".weight", ".bias"}) {
        expected.insert("bert.encoder.layer." + layer + "." + part + kind);
      }
    }
  }
  const auto file = read_safetensors(path_ / "model.safetensors");
  std::set<std::string> names;
  for (const auto& entry : file.tensors) names.insert(entry.first);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(file.metadata.at("format"), "pt");

  for (const auto& weight : made.model.weights()) {
    if (weight->name != "layers.1.attention.qkv.weight") continue;
    const std::string self = "bert.encoder.layer.1.attention.self.";
    const at::Tensor& qkv = weight->master;
    EXPECT_TRUE(file.tensors.at(self + "query.weight").equal(qkv.slice(0, 0, 24)));
    EXPECT_TRUE(file.tensors.at(self + "key.weight").equal(qkv.slice(0, 24, 48)));
    EXPECT_TRUE(file.tensors.at(self + "value.weight").equal(qkv.slice(0, 48, 72)));
    return;
  }
  FAIL() << "the model has no projection of that name";
}

TEST_F(ModelFolderTest, DescribesAnOriginalBertInItsConfig) {
  (void)write(kBert);
  const auto bert = config();
  EXPECT_EQ(bert.at("architectures"), nlohmann::json::array({"BertForMaskedLM"}));
  EXPECT_EQ(bert.at("model_type"), "bert");
  EXPECT_EQ(bert.at("vocab_size"), kVocab);
  EXPECT_EQ(bert.at("hidden_size"), 24);
  EXPECT_EQ(bert.at("num_hidden_layers"), 2);
  EXPECT_EQ(bert.at("num_attention_heads"), 3);
  EXPECT_EQ(bert.at("intermediate_size"), 48);
  EXPECT_EQ(bert.at("max_position_embeddings"), 20);
  EXPECT_EQ(bert.at("type_vocab_size"), 2);
  EXPECT_EQ(bert.at("hidden_act"), "gelu");
  EXPECT_EQ(bert.at("hidden_dropout_prob"), 0.1);
  EXPECT_EQ(bert.at("attention_probs_dropout_prob"), 0.2);
  EXPECT_EQ(bert.at("layer_norm_eps"), 1e-5);
  EXPECT_EQ(bert.at("pad_token_id"), 0);
}

TEST_F(ModelFolderTest, KeepsItsOwnNamesForEverythingElse) {
  const Made made = write(kOwn);
  EXPECT_EQ(config().at("model_type"), "cram");
  EXPECT_EQ(config().at("vocab_size"), kVocab);
  const auto file = read_safetensors(path_ / "model.safetensors");
  EXPECT_EQ(file.tensors.size(), made.model.weights().size());
  EXPECT_TRUE(file.tensors.contains("layers.0.attention.qkv.weight"));
}

TEST_F(ModelFolderTest, TakesOnlyWhatBertForMaskedLmExpressesForOriginalBert) {
  const recipe::Model bert = recipe::parse(kBert, "test").model;
  EXPECT_TRUE(is_original_bert(bert));
  EXPECT_FALSE(is_original_bert(recipe::parse(kCrammed, "test").model));
  using recipe::Model;
  const std::vector<std::function<void(Model&)>> changes = {
      [](Model& m) { m.norm_position = recipe::NormPosition::kPre; },
      [](Model& m) { m.norm = recipe::NormType::kRmsNorm; },
      [](Model& m) { m.norm_bias = false; },
      [](Model& m) { m.gated = true; },
      [](Model& m) { m.attention_bias = false; },
      [](Model& m) { m.feed_forward_bias = false; },
      [](Model& m) { m.positions = recipe::Positions::kRotary; },
      [](Model& m) { m.segments = 0; },
      [](Model& m) { m.embedding_norm = false; },
      [](Model& m) { m.final_norm = true; },
      [](Model& m) { m.head_transform = recipe::HeadTransform::kLinear; },
      [](Model& m) { m.tie_decoder = false; },
      [](Model& m) { m.decoder_bias = false; },
      [](Model& m) { m.qk_norm = true; },
      [](Model& m) { m.value_residual = true; },
      [](Model& m) { m.input_shortcut = true; },
      [](Model& m) { m.logit_softcap = 15.0; },
      [](Model& m) { m.local_attention = 8; },
      [](Model& m) { m.embedding_size = 8; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Model changed = bert;
    changes[i](changed);
    EXPECT_FALSE(is_original_bert(changed)) << "change " << i;
  }
}

TEST_F(ModelFolderTest, ReplacesAFolderWholeOrNotAtAll) {
  const Made made = write(kBert);
  const std::string before = read_bytes(path_ / "config.json");
  const Made other{made.recipe, small_model(made.recipe, 8)};
  EXPECT_THROW(write_model_folder(path_, other.recipe, other.model.weights(), FailingTokenizer()),
               Error);
  EXPECT_EQ(read_bytes(path_ / "config.json"), before);
  restore(read_model_folder(path_).weights, masters(other.model.weights()), "folder");
  EXPECT_TRUE(other.model.weights()[0]->master.equal(made.model.weights()[0]->master));

  write_bytes(path_ / "left-over.txt", "");
  (void)write(kCrammed);
  EXPECT_FALSE(fs::exists(path_ / "left-over.txt"));
}

TEST_F(ModelFolderTest, RefusesABrokenConfig) {
  (void)write(kOwn);
  write_bytes(path_ / "config.json", "{\"model_type\": \"gpt2\"}");
  expect_refused("config.json: model_type \"gpt2\" is not known");
  write_bytes(path_ / "config.json", "{}");
  expect_refused("config.json: no 'model_type'");
  write_bytes(path_ / "config.json", "[1]");
  expect_refused("config.json: not a JSON object");
  write_bytes(path_ / "config.json", "{\"model_type\": \"cram\"");
  expect_refused("config.json: not valid JSON");
  fs::remove(path_ / "config.json");
  expect_refused("config.json");
}

TEST_F(ModelFolderTest, RefusesABrokenRecipe) {
  (void)write(kOwn);
  write_bytes(path_ / "recipe.yaml", "model: {layers: many}\n");
  expect_refused("recipe.yaml");
  fs::remove(path_ / "recipe.yaml");
  expect_refused("recipe.yaml: missing");
  (void)write(kBert);
  write_bytes(path_ / "recipe.yaml", kCrammed);
  expect_refused("recipe.yaml: not the bert that config.json describes");
}

TEST_F(ModelFolderTest, RefusesWeightsThatAreMissingUnknownOrMisshapen) {
  (void)write(kBert);
  const auto good = read_safetensors(path_ / "model.safetensors").tensors;
  const auto with = [&](const std::function<void(TensorMap&)>& change) {
    TensorMap tensors = good;
    change(tensors);
    write_safetensors(path_ / "model.safetensors", {tensors.begin(), tensors.end()});
  };
  const std::string query = "bert.encoder.layer.0.attention.self.query.weight";
  with([&](TensorMap& tensors) { tensors.erase(query); });
  expect_refused(query + " is missing");
  with([&](TensorMap& tensors) { tensors[query] = at::zeros({24, 23}); });
  expect_refused(query + " has an unexpected shape");
  with([&](TensorMap& tensors) { tensors[query] = at::zeros({}); });
  expect_refused(query + " has an unexpected shape");
  with([](TensorMap& tensors) { tensors["bert.adapter.weight"] = at::zeros({1}); });
  expect_refused("\"bert.adapter.weight\" is not known");
  with([](TensorMap& tensors) { tensors["cls.predictions.decoder.bias"] = at::zeros({kVocab}); });
  EXPECT_NO_THROW((void)read_model_folder(path_)) << "repeats a tied tensor";
  fs::resize_file(path_ / "model.safetensors", 1000);
  expect_refused("model.safetensors");
}

// Recipes that a class of transformers computes.
const std::vector<std::pair<const char*, const char*>> kStockModels = {
    {"BertForMaskedLM", kBert},
    {"DistilBertForMaskedLM", kDistilBert},
    {"ElectraForMaskedLM", kElectra},
    {"ModernBertForMaskedLM", kModernBert}};

TEST_F(ModelFolderTest, GivesTheSameLogitsInTransformers) {
  const at::Tensor ids = at::arange(2 * 16, at::kLong).view({2, 16}).add_(5);
  write_safetensors(folder_ / "ids.safetensors", {{"ids", ids}});
  std::vector<fs::path> arguments = {folder_ / "ids.safetensors"};
  std::vector<at::Tensor> ours;
  for (const auto& [name, yaml] : kStockModels) {
    const Made made = write(yaml);
    fs::rename(path_, folder_ / name);
    ours.push_back(made.model.logits(ids, at::arange(ids.numel(), at::kLong)));
    for (const auto& argument : {fs::path(name), folder_ / name, folder_ / name / "out"}) {
      arguments.push_back(argument);
    }
  }
  const auto result = run_python_peer("hugging_face_outputs.py", arguments);
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const char* name = kStockModels[i].first;
    const auto theirs = read_safetensors(folder_ / name / "out").tensors.at("logits");
    const auto difference = ours[i].sub(theirs.view(ours[i].sizes())).abs().max();
    EXPECT_LT(difference.item<double>(), 1e-4 * theirs.abs().max().item<double>()) << name;
  }
}

TEST_F(ModelFolderTest, GivesTheSameLossAndGradientsInTransformers) {
  const Made made = write(kBert);
  const at::Tensor ids = at::arange(2 * 16, at::kLong).view({2, 16}).add_(5);
  const at::Tensor positions = at::tensor({1, 4, 5, 11, 17, 30}, at::kLong);
  const at::Tensor targets = at::tensor({9, 30, 6, 39, 12, 5}, at::kLong);
  const at::Tensor labels = at::full_like(ids, -100);
  labels.view({-1}).index_copy_(0, positions, targets);
  write_safetensors(folder_ / "batch.safetensors", {{"ids", ids}, {"labels", labels}});
  const auto result =
      run_python_peer("hugging_face_gradients.py",
                      {path_, folder_ / "batch.safetensors", folder_ / "out.safetensors"});
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);

  const auto ours = made.model.loss({ids, positions, targets}, model::Mode::kEvaluation);
  ours.loss.backward();
  TensorMap theirs = read_safetensors(folder_ / "out.safetensors").tensors;
  const auto loss = theirs.at("loss").item<double>();
  EXPECT_NEAR(ours.loss.item<double>(), loss, 1e-5 * loss);
  // Read back as if they were weights, they have our names.
  theirs.erase("loss");
  write_safetensors(path_ / "model.safetensors", {theirs.begin(), theirs.end()});
  const NamedTensors gradients = read_model_folder(path_).weights;
  const std::map<std::string, at::Tensor> wanted(gradients.begin(), gradients.end());
  ASSERT_EQ(wanted.size(), made.model.weights().size());
  for (const auto& weight : made.model.weights()) {
    const at::Tensor& gradient = wanted.at(weight->name);
    const double difference = weight->grad.sub(gradient).abs().max().item<double>();
    EXPECT_LE(difference, 1e-5 * gradient.abs().max().item<double>()) << weight->name;
  }
}

TEST_F(ModelFolderTest, IsReadAndWrittenAlikeByTheReferenceImplementation) {
  (void)write(kBert);
  const auto ours = path_ / "model.safetensors";
  const auto result = run_python_peer("safetensors_peer.py", {ours, folder_ / "out.safetensors"});
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and safetensors";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  const auto before = read_safetensors(ours), after = read_safetensors(folder_ / "out.safetensors");
  EXPECT_EQ(after.metadata, before.metadata);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (const auto& [name, tensor] : before.tensors) {
    EXPECT_TRUE(after.tensors.at(name).equal(tensor)) << name;
  }
}

}  // namespace
}  // namespace cram::checkpoint
