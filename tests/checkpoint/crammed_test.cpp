// Folders of the crammed BERT as its authors' code has them, against plain PyTorch.
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"

#include "encoder_of.h"
#include "python_peer.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using TensorMap = std::map<std::string, at::Tensor>;

// Recipes that their code computes, by what is said besides kCrammed.
const std::vector<std::pair<const char*, const char*>> kRecipes = {
    {"paper", ""},
    {"silu", "activation: silu"},
    {"no_gate", "gated: false, activation: relu"},
    {"biases", "attention_bias: true, feed_forward_bias: true, decoder_bias: true"},
    {"no_scale", "positions: sinusoidal"},
    {"few_norms", "embedding_norm: false, final_norm: false, norm_epsilon: 1.0e-3"}};

recipe::Recipe crammed(const std::string& others = "") {
  const std::string model =
      "model: {layers: 2, hidden_size: 24, heads: 3, intermediate_size: 48, init_std: 0.5";
  return recipe::parse("budget: {steps: 10}\ndata: {sources: [text]}\nsequence: {length: 16}\n" +
                           model + (others.empty() ? "" : ", ") + others + "}\n",
                       "test");
}

class CrammedTest : public testing::Test {
 protected:
  CrammedTest() {
    write_small_vocab(folder_ / "vocab.txt");
    tokenizer_ = tokenizer::load_tokenizer(folder_ / "vocab.txt", {});
  }

  // A random model of the recipe, in the folder of that name.
  void write(const recipe::Recipe& recipe, const std::string& name = "model") const {
    ops::WeightList weights = small_model(recipe).weights();
    for (const auto& weight : weights) {  // No gain is one, no bias zero.
      weight->master.add_(weight->master.new_empty(weight->master.sizes()).uniform_(-0.2, 0.2));
    }
    write_model_folder(folder_ / name, recipe, weights, *tokenizer_);
  }
  // What their code would have written.
  void write_foreign() const {
    write(crammed("decoder_bias: true"));
    fs::remove(path_ / "recipe.yaml");
    json config = json::parse(read_bytes(path_ / "config.json"));
    write_bytes(path_ / "config.json",
                json{{"model_type", "crammedBERT"}, {"arch", config.at("arch")}}.dump());
  }
  void change_tensors(const std::function<void(TensorMap&)>& change) const {
    TensorMap tensors;
    for (const auto& [name, tensor] : read_safetensors(path_ / "model.safetensors").tensors) {
      tensors[name] = tensor.clone();
    }
    change(tensors);
    write_safetensors(path_ / "model.safetensors", {tensors.begin(), tensors.end()});
  }
  void expect_refused(const std::string& because) const {
    try {
      (void)read_model_folder(path_);
      ADD_FAILURE() << "read a folder that should be refused because: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr(path_.string()), HasSubstr(because), Not(HasSubstr("\n"))));
    }
  }
  // The largest difference of logits, as a share of the largest of them, to those of the peer.
  [[nodiscard]] double difference(const std::string& name) const {
    const auto theirs = read_safetensors(folder_ / name / "outputs.safetensors").tensors;
    const at::Tensor& ids = theirs.at("ids");
    const at::Tensor ours = encoder_of(read_model_folder(folder_ / name))
                                .logits(ids, at::arange(ids.numel(), at::kLong));
    const at::Tensor logits = theirs.at("logits").view(ours.sizes());
    return ours.sub(logits).abs().max().item<double>() / logits.abs().max().item<double>();
  }

  test::TempFolder folder_;
  fs::path path_ = folder_ / "model";
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
};

TEST_F(CrammedTest, IsDescribedInTheOptionsOfItsAuthors) {
  write(crammed("dropout: 0.1"));
  const json config = json::parse(read_bytes(path_ / "config.json"));
  EXPECT_EQ(config.at("model_type"), "crammedBERT");
  EXPECT_EQ(config.at("architectures"), json::array({"ScriptableLMForPreTraining"}));
  const json& arch = config.at("arch");
  EXPECT_EQ(arch.at("architectures"), json::array({"ScriptableCrammedBERT"}));
  EXPECT_EQ(arch.at("num_transformer_layers"), 2);
  EXPECT_EQ(arch.at("intermed_size"), 96) << "with the gate";
  EXPECT_EQ(arch.at("nonlin"), "GELUglu");
  EXPECT_EQ(arch.at("norm_eps"), 1e-12);
  EXPECT_EQ(arch.at("embedding").at("vocab_size"), kVocab);
  EXPECT_EQ(arch.at("embedding").at("pos_embedding"), "scaled-sinusoidal");
  EXPECT_EQ(arch.at("embedding").at("max_seq_length"), 16);
  EXPECT_EQ(arch.at("embedding").at("dropout_prob"), 0.1);
  EXPECT_EQ(arch.at("attention").at("num_attention_heads"), 3);
}

TEST_F(CrammedTest, HasTheQueryKeyAndValueOfAHeadSideBySide) {
  write(crammed());
  const std::string theirs = "encoder.layers.1.attn.self_attention.query_key_value.weight";
  const at::Tensor rows = read_safetensors(path_ / "model.safetensors").tensors.at(theirs);
  const NamedTensors read = read_model_folder(path_).weights;
  const TensorMap ours(read.begin(), read.end());
  const auto parts = ours.at("layers.1.attention.qkv.weight").chunk(3);
  constexpr std::int64_t kHeadSize = 8;
  for (std::int64_t head = 0; head < 3; ++head) {
    for (std::int64_t part = 0; part < 3; ++part) {
      EXPECT_TRUE(rows.narrow(0, (3 * head + part) * kHeadSize, kHeadSize)
                      .equal(parts[part].narrow(0, head * kHeadSize, kHeadSize)));
    }
  }
}

TEST_F(CrammedTest, GivesTheSameLogitsInPlainPyTorch) {
  std::vector<fs::path> folders;
  for (const auto& [name, others] : kRecipes) {
    write(crammed(others), name);
    folders.push_back(folder_ / name);
    // Their folder of the same kind has weights that the peer draws.
    const std::string theirs = std::string("their_") + name;
    folders.push_back(folder_ / theirs);
    fs::create_directory(folders.back());
    fs::copy(folder_ / name / "config.json", folders.back());
    write_small_vocab(folders.back() / "vocab.txt");
  }
  const auto result = run_python_peer("crammed_bert.py", folders);
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  for (const auto& path : folders) EXPECT_LT(difference(path.filename()), 1e-5) << path;
}

TEST_F(CrammedTest, ComesWithARecipeThatSaysWhatTheOptionsDo) {
  write_foreign();
  recipe::Recipe expected;
  expected.model = crammed("decoder_bias: true").model;
  expected.model.max_positions = 16;
  expected.sequence = {.length = 16, .separator = true, .start_token = false};
  expected.tokenizer.vocab_size = kVocab;
  EXPECT_EQ(read_model_folder(path_).recipe, expected);
}

TEST_F(CrammedTest, MayLackThePrefixAndAllThatIsNoWeight) {
  write_foreign();
  const NamedTensors all = read_model_folder(path_).weights;
  change_tensors([](TensorMap& tensors) {
    TensorMap base;
    for (const auto& [name, tensor] : tensors) {
      const bool needed = name.starts_with("encoder.") && !name.ends_with("norm_factor");
      if (needed) base[name.substr(8)] = tensor;
    }
    tensors = base;
  });
  const NamedTensors read = read_model_folder(path_).weights;
  const TensorMap weights(read.begin(), read.end());
  EXPECT_EQ(read.size(), all.size() - 1);
  for (const auto& [name, tensor] : all) {
    if (name == "head.decoder.bias") continue;
    ASSERT_TRUE(weights.contains(name)) << name;
    EXPECT_TRUE(weights.at(name).equal(tensor)) << name;
  }
}

TEST_F(CrammedTest, IsRefusedWithAnotherScaleOfItsScores) {
  const std::string name = "encoder.layers.1.attn.self_attention.norm_factor";
  write_foreign();
  change_tensors([&](TensorMap& tensors) { tensors[name] = tensors[name].to(at::kBFloat16); });
  EXPECT_NO_THROW((void)read_model_folder(path_));
  change_tensors([&](TensorMap& tensors) { tensors[name] = tensors[name].mul(2); });
  expect_refused(name + " has another value");
  change_tensors([&](TensorMap& tensors) { tensors[name] = at::zeros({2}); });
  expect_refused(name + " has an unexpected shape");
}

TEST_F(CrammedTest, IsRefusedWithOptionsThatAreNotOurs) {
  write_foreign();
  const json good = json::parse(read_bytes(path_ / "config.json"));
  const std::vector<std::tuple<const char*, json, const char*>> options = {
      {"/arch", json::array(), "'arch' is [], not an object"},
      {"/arch/norm", "RMSNorm", "'arch.norm' is \"RMSNorm\", not LayerNorm"},
      {"/arch/norm_scheme", "post", "'arch.norm_scheme' is \"post\", not pre"},
      {"/arch/nonlin", "Mishglu", "'arch.nonlin' is \"Mishglu\", not GELU, ReLU or SiLU"},
      {"/arch/intermed_size", 97, "'arch.intermed_size' is 97, not an even number"},
      {"/arch/skip_head_transform", false, "'arch.skip_head_transform' is false, not true"},
      {"/arch/final_norm", nullptr, "no 'arch.final_norm'"},
      {"/arch/embedding/pos_embedding", "learned", "not scaled-sinusoidal or sinusoidal"},
      {"/arch/embedding/embedding_dim", 12, "'arch.embedding.embedding_dim' is 12"},
      {"/arch/embedding/dropout_prob", 0.5, "'arch.embedding.dropout_prob' is 0.5"},
      {"/arch/embedding/vocab_size", 39, "the tokenizer beside it has 40 tokens"},
      {"/arch/attention/type", "fourier", "'arch.attention.type' is \"fourier\""},
      {"/arch/attention/sequence_op", "cumsum", "'arch.attention.sequence_op' is \"cumsum\""},
      {"/arch/attention/causal_attention", true, "'arch.attention.causal_attention' is true"},
      {"/arch/attention/rotary_embedding", "llama", "'arch.attention.rotary_embedding' is"},
      {"/arch/attention/qkv_bias", true, "'arch.attention.qkv_bias' is true, not false"},
      {"/arch/attention/num_attention_heads", 5, "not a divisor of 'arch.hidden_size'"}};
  for (const auto& [pointer, value, because] : options) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    write_bytes(path_ / "config.json", changed.dump());
    expect_refused(because);
  }
}

TEST_F(CrammedTest, IsOursByNameWhereTheirCodeComputesSomethingElse) {
  for (const char* others :
       {"norm: rmsnorm", "norm_position: post, final_norm: false", "norm_bias: false",
        "activation: relu-squared", "attention_bias: true", "positions: learned",
        "positions: rotary", "segments: 2", "head_transform: linear", "first_attention_norm: false",
        "local_attention: 8", "tie_decoder: false", "qk_norm: true", "logit_softcap: 15",
        "value_residual: true", "input_shortcut: true"}) {
    write(crammed(others));
    EXPECT_EQ(json::parse(read_bytes(path_ / "config.json")).at("model_type"), "cram") << others;
  }
}

}  // namespace
}  // namespace cram::checkpoint
