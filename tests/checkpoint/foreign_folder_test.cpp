// Folders of BERT that Hugging Face's library wrote: no recipe.yaml, and names of several habits.
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"
#include "cram/checkpoint/restore.h"

#include "encoder_of.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using TensorMap = std::map<std::string, at::Tensor>;

// Expects an error in one line that names the folder.
void expect_refused(const fs::path& folder, const std::string& because) {
  try {
    (void)read_model_folder(folder);
    ADD_FAILURE() << "read a folder that should be refused because: " << because;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr(folder.string()), HasSubstr(because), Not(HasSubstr("\n"))));
  }
}

// A folder as transformers would have written it, made of one of ours.
class ForeignFolderTest : public testing::Test {
 protected:
  ForeignFolderTest() {
    write_small_vocab(folder_ / "vocab.txt");
    recipe_ = recipe::parse(kBert, "test");
    recipe_.sequence.start_token = true;
    const auto model = small_model(recipe_);
    weights_ = masters(model.weights());
    write_model_folder(path_, recipe_, model.weights(),
                       *tokenizer::load_tokenizer(folder_ / "vocab.txt", {}));
    fs::remove(path_ / "recipe.yaml");
    config_ = json::parse(read_bytes(path_ / "config.json"));
    tensors_ = read_safetensors(path_ / "model.safetensors").tensors;
  }

  void write(const TensorMap& tensors) const {
    write_safetensors(path_ / "model.safetensors", {tensors.begin(), tensors.end()});
  }
  // Writes each tensor under the name that `rename` gives; none for an empty name.
  void write_renamed(const std::function<std::string(const std::string&)>& rename) const {
    TensorMap renamed;
    for (const auto& [name, tensor] : tensors_) {
      if (const std::string other = rename(name); !other.empty()) renamed[other] = tensor;
    }
    write(renamed);
  }
  void write_config(const char* key, const json& value) const {
    json config = config_;
    config[key] = value;
    write_bytes(path_ / "config.json", config.dump());
  }
  // With a longer token table than there are tokens.
  void write_with_rows(std::int64_t rows) const {
    const std::string table = "bert.embeddings.word_embeddings.weight";
    TensorMap tensors = tensors_;
    tensors[table] = at::zeros({rows, 24});
    tensors[table].narrow(0, 0, kVocab).copy_(tensors_.at(table));
    tensors["cls.predictions.bias"] = at::zeros({rows});
    write(tensors);
    write_config("vocab_size", rows);
  }
  // Expects all weights but those that start with `without`, and nothing else.
  void expect_weights(const std::string& without = "nothing") const {
    const ModelFolder read = read_model_folder(path_);
    const TensorMap found(read.weights.begin(), read.weights.end());
    std::size_t expected = 0;
    for (const auto& [name, tensor] : weights_) {
      if (name.starts_with(without)) continue;
      ++expected;
      ASSERT_TRUE(found.contains(name)) << name;
      EXPECT_TRUE(found.at(name).equal(tensor)) << name;
    }
    EXPECT_EQ(found.size(), expected);
  }

  test::TempFolder folder_;
  fs::path path_ = folder_ / "model";
  recipe::Recipe recipe_;
  NamedTensors weights_;
  json config_;
  TensorMap tensors_;
};

std::string without_prefix(const std::string& name) {
  if (!name.starts_with("bert.")) return "";
  return name.substr(5);
}

TEST_F(ForeignFolderTest, ComesWithARecipeThatSaysWhatTheFilesDo) {
  const ModelFolder read = read_model_folder(path_);
  recipe::Recipe expected;
  expected.model = recipe_.model;
  expected.sequence = {.length = 20, .separator = true, .start_token = true};
  expected.tokenizer.vocab_size = kVocab;
  EXPECT_EQ(read.recipe, expected);
  EXPECT_TRUE(is_original_bert(read.recipe.model));
  EXPECT_EQ(read.tokenizer->vocab_size(), kVocab);
  expect_weights();
}

TEST_F(ForeignFolderTest, TakesTransformersDefaultsForWhatAConfigLeavesOut) {
  for (const char* key :
       {"hidden_act", "hidden_dropout_prob", "attention_probs_dropout_prob", "type_vocab_size",
        "initializer_range", "layer_norm_eps", "position_embedding_type", "tie_word_embeddings"}) {
    config_.erase(key);
  }
  write_config("is_decoder", nullptr);
  const recipe::Model model = read_model_folder(path_).recipe.model;
  EXPECT_EQ(model.activation, recipe::Activation::kGelu);
  EXPECT_EQ(model.dropout, 0.1);
  EXPECT_EQ(model.attention_dropout, 0.1);
  EXPECT_EQ(model.segments, 2);
  EXPECT_EQ(model.init_std, 0.02);
  EXPECT_EQ(model.norm_epsilon, 1e-12);
}

TEST_F(ForeignFolderTest, SaysWhichActivationItHas) {
  using recipe::Activation;
  const std::vector<std::pair<const char*, Activation>> names = {
      {"gelu", Activation::kGelu},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"relu", Activation::kRelu},
      {"relu2", Activation::kReluSquared},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu}};
  for (const auto& [name, activation] : names) {
    write_config("hidden_act", name);
    EXPECT_EQ(read_model_folder(path_).recipe.model.activation, activation) << name;
  }
  write_config("hidden_act", "quick_gelu");
  expect_refused(path_, "config.json: 'hidden_act' is \"quick_gelu\", not one of gelu");
}

TEST_F(ForeignFolderTest, MayNameItsTensorsAsOlderFilesDo) {
  write_renamed(without_prefix);
  expect_weights("head.");

  write_renamed([](std::string name) {
    for (const auto& [now, then] : {std::pair<std::string, std::string>{"Norm.weight", "gamma"},
                                    std::pair<std::string, std::string>{"Norm.bias", "beta"}}) {
      if (name.ends_with(now)) {
        name = name.substr(0, name.size() - now.size()) + "Norm." + then;
      }
    }
    return name;
  });
  expect_weights();

  write_renamed([](const std::string& name) {
    return name == "cls.predictions.bias" ? "cls.predictions.decoder.bias" : name;
  });
  expect_weights();
}

TEST_F(ForeignFolderTest, MayHoldMoreThanIsNeeded) {
  TensorMap tensors = tensors_;
  tensors["bert.embeddings.position_ids"] = at::arange(20, at::kLong).unsqueeze(0);
  tensors["embeddings.token_type_ids"] = at::zeros({1, 20}, at::kLong);
  tensors["cls.predictions.decoder.weight"] = tensors.at("bert.embeddings.word_embeddings.weight");
  tensors["cls.seq_relationship.weight"] = at::zeros({2, 24});
  tensors["cls.seq_relationship.bias"] = at::zeros({2});
  write(tensors);
  expect_weights();
}

TEST_F(ForeignFolderTest, IsRefusedWhenItPredictsWithATableOrBiasOfItsOwn) {
  const std::string table = "bert.embeddings.word_embeddings.weight";
  for (const auto& [repeat, name] :
       {std::pair<std::string, std::string>{"cls.predictions.decoder.weight", table},
        std::pair<std::string, std::string>{"cls.predictions.decoder.bias",
                                            "cls.predictions.bias"}}) {
    TensorMap tensors = tensors_;
    tensors[repeat] = tensors.at(name).clone();
    write(tensors);
    expect_weights();
    tensors[repeat].view({-1})[3] += 0.5;
    write(tensors);
    expect_refused(path_, repeat + " is not the same as " + name);
    tensors[repeat] = tensors.at(name).to(at::kDouble);
    write(tensors);
    expect_refused(path_, repeat + " is not the same as " + name);
  }
}

TEST_F(ForeignFolderTest, GivesTheHeadsForTasksOurNames) {
  TensorMap tensors = tensors_;
  tensors["bert.pooler.dense.weight"] = at::ones({24, 24});
  tensors["bert.pooler.dense.bias"] = at::ones({24});
  const auto named = [&](const std::string& name) {
    write(tensors);
    const ModelFolder read = read_model_folder(path_);
    const TensorMap weights(read.weights.begin(), read.weights.end());
    EXPECT_EQ(weights.size(), weights_.size() + tensors.size() - tensors_.size());
    return weights.contains(name) ? weights.at(name) : at::Tensor();
  };
  EXPECT_TRUE(named("task.pooler.weight").equal(at::ones({24, 24})));
  tensors["classifier.weight"] = at::ones({3, 24});
  tensors["classifier.bias"] = at::ones({3});
  EXPECT_TRUE(named("task.classifier.bias").equal(at::ones({3})));
  tensors.erase("classifier.weight");
  tensors.erase("classifier.bias");
  tensors["qa_outputs.weight"] = at::ones({2, 24});
  tensors["qa_outputs.bias"] = at::ones({2});
  EXPECT_TRUE(named("task.classifier.weight").equal(at::ones({2, 24})));
}

TEST_F(ForeignFolderTest, ComesInFp32WhateverItIsStoredIn) {
  for (const at::ScalarType type : {at::kHalf, at::kBFloat16}) {
    TensorMap tensors;
    for (const auto& [name, tensor] : tensors_) tensors[name] = tensor.to(type);
    write(tensors);
    const ModelFolder read = read_model_folder(path_);
    ASSERT_EQ(read.weights.size(), weights_.size());
    const TensorMap found(read.weights.begin(), read.weights.end());
    for (const auto& [name, tensor] : weights_) {
      EXPECT_TRUE(found.at(name).equal(tensor.to(type).to(at::kFloat))) << name;
    }
  }
}

TEST_F(ForeignFolderTest, KeepsATableOfOneSegment) {
  TensorMap tensors = tensors_;
  at::Tensor& table = tensors["bert.embeddings.token_type_embeddings.weight"];
  table = table.narrow(0, 0, 1).clone();
  write(tensors);
  write_config("type_vocab_size", 1);
  const ModelFolder read = read_model_folder(path_);
  EXPECT_EQ(read.recipe.model.segments, 1);
  const auto model = encoder_of(read);
  write_model_folder(folder_ / "again", read.recipe, model.weights(), *read.tokenizer);
  EXPECT_FALSE(fs::exists(folder_ / "again" / "recipe.yaml"));
  const ModelFolder again = read_model_folder(folder_ / "again");
  EXPECT_EQ(again.recipe, read.recipe);
  restore(again.weights, masters(model.weights()), "again");
}

TEST_F(ForeignFolderTest, LosesTheRowsThatNoTokenHas) {
  write_with_rows(48);
  ::testing::internal::CaptureStderr();
  expect_weights();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("its token table has 48 rows; those behind the 40 of the tokenizer are"));
}

TEST_F(ForeignFolderTest, IsRefusedWithTheTokenizerOfAnotherModel) {
  write_config("vocab_size", kVocab - 1);
  expect_refused(path_, "'vocab_size' is 39, but the tokenizer beside it has 40 tokens");
  write_with_rows(256);
  EXPECT_NO_THROW((void)read_model_folder(path_)) << "rounded up";
  for (const std::int64_t rows : {41, 101, 296}) {
    write_with_rows(rows);
    expect_refused(path_, "'vocab_size' is " + std::to_string(rows) +
                              ", but the tokenizer beside it has 40 tokens");
  }
}

TEST_F(ForeignFolderTest, KeepsTheLengthThatItsTokenizerAllows) {
  const auto length_after = [&](const json& length) {
    write_bytes(path_ / "tokenizer_config.json", json{{"model_max_length", length}}.dump());
    write_model_folder(folder_ / "again", read_model_folder(path_));
    return json::parse(read_bytes(folder_ / "again/tokenizer_config.json")).at("model_max_length");
  };
  EXPECT_EQ(length_after(12), 12);
  for (const json& any : {json(1e30), json(100), json("many"), json(nullptr), json(0), json(-4)}) {
    EXPECT_EQ(length_after(any), 20) << any << ": as many as there are positions";
  }
}

TEST_F(ForeignFolderTest, MayLackAMaskedLmHeadUntilOneIsNeeded) {
  EXPECT_EQ(masked_lm_weights(read_model_folder(path_), "x").size(), weights_.size());
  const auto expect_no_head = [&](const std::string& because) {
    try {
      (void)masked_lm_weights(read_model_folder(path_), "some/folder");
      ADD_FAILURE() << "found a head where there is none";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), AllOf(HasSubstr("some/folder: "), HasSubstr(because)));
      EXPECT_NE(error.hint(), "");
    }
  };
  TensorMap tensors = tensors_;
  tensors["bert.pooler.dense.weight"] = at::ones({24, 24});
  tensors["bert.pooler.dense.bias"] = at::ones({24});
  write(tensors);
  EXPECT_EQ(masked_lm_weights(read_model_folder(path_), "x").size(), weights_.size());
  write_renamed(without_prefix);
  expect_no_head("without a head that predicts masked tokens");
  tensors["classifier.weight"] = at::ones({3, 24});
  tensors["classifier.bias"] = at::ones({3});
  write(tensors);
  expect_no_head("fine-tuned for a task");
}

TEST_F(ForeignFolderTest, IsRefusedForValuesThatNoOriginalBertHas) {
  const std::vector<std::tuple<const char*, json, const char*>> values = {
      {"hidden_size", -24, "'hidden_size' is -24, not a whole number from 1"},
      {"hidden_size", 24.0, "'hidden_size' is 24.0, not a whole number"},
      {"hidden_size", "24", "'hidden_size' is \"24\", not a whole number"},
      {"hidden_size", std::uint64_t{1} << 63, "'hidden_size' is 9223372036854775808, not"},
      {"hidden_size", nullptr, "no 'hidden_size'"},
      {"hidden_size", json::array({24}), "'hidden_size' is [24], not"},
      {"num_hidden_layers", 0, "'num_hidden_layers' is 0"},
      {"num_hidden_layers", 1'000'000'000, "'num_hidden_layers' is 1000000000"},
      {"num_hidden_layers", 1000, "encoder.layer.2.attention.self.query.weight is missing"},
      {"num_attention_heads", 5, "'num_attention_heads' is 5, not a divisor of 'hidden_size', 24"},
      {"intermediate_size", true, "'intermediate_size' is true"},
      {"max_position_embeddings", std::int64_t{1} << 62, "'max_position_embeddings'"},
      {"type_vocab_size", 0, "'type_vocab_size' is 0, not a whole number from 1 to 16"},
      {"vocab_size", -1, "'vocab_size' is -1"},
      {"layer_norm_eps", 0, "'layer_norm_eps' is 0, not a number from"},
      {"layer_norm_eps", "1e-12", "'layer_norm_eps' is \"1e-12\""},
      {"hidden_dropout_prob", 1.0, "'hidden_dropout_prob' is 1.0, not a number from 0 to below 1"},
      {"attention_probs_dropout_prob", -0.1, "'attention_probs_dropout_prob' is -0.1"},
      {"hidden_act", 7, "'hidden_act' is 7, not a string"},
      {"hidden_act", "a\nb", "'hidden_act' is \"a\\nb\", not one of"},
      {"position_embedding_type", "relative_key", "'position_embedding_type' is \"relative_key\""},
      {"is_decoder", true, "'is_decoder' is true, not false"},
      {"is_decoder", "no", "'is_decoder' is \"no\", not true or false"},
      {"add_cross_attention", true, "'add_cross_attention' is true, not false"},
      {"tie_word_embeddings", false, "'tie_word_embeddings' is false, not true"},
      {"model_type", "albert", "model_type \"albert\" is not known"},
  };
  for (const auto& [key, value, because] : values) {
    write_config(key, value);
    expect_refused(path_, because);
  }
  write_bytes(path_ / "config.json", "{\"model_type\": \"bert\", \"layer_norm_eps\": NaN}");
  expect_refused(path_, "config.json: not valid JSON");
}

TEST_F(ForeignFolderTest, IsRefusedForWeightsThatDoNotFitItsConfig) {
  const auto with = [&](const std::function<void(TensorMap&)>& change) {
    TensorMap tensors = tensors_;
    change(tensors);
    write(tensors);
  };
  const std::string query = "bert.encoder.layer.1.attention.self.query.weight";
  with([&](TensorMap& tensors) { tensors.erase(query); });
  expect_refused(path_, query + " is missing");
  with([&](TensorMap& tensors) { tensors[query] = at::zeros({24, 25}); });
  expect_refused(path_, query + " has an unexpected shape: [24, 25] instead of [24, 24]");
  with([&](TensorMap& tensors) { tensors[query] = at::zeros({24, 24}, at::kChar); });
  expect_refused(path_, query + " holds Char numbers");
  with([&](TensorMap& tensors) { tensors[query.substr(5)] = at::zeros({24, 24}); });
  expect_refused(path_, "holds \"" + query + "\" twice");
  with([](TensorMap& tensors) { tensors.erase("cls.predictions.transform.dense.bias"); });
  expect_refused(path_, "cls.predictions.transform.dense.bias is missing");
  with([](TensorMap& tensors) { tensors["classifier.weight"] = at::zeros({3, 24}); });
  expect_refused(path_, "classifier.bias is missing");
  with([](TensorMap& tensors) {
    tensors["classifier.weight"] = at::zeros({3, 24});
    tensors["classifier.bias"] = at::zeros({2});
  });
  expect_refused(path_, "classifier.bias has an unexpected shape: [2] instead of [3]");
  with([](TensorMap& tensors) {
    tensors["classifier.weight"] = at::zeros({});
    tensors["classifier.bias"] = at::zeros({});
  });
  expect_refused(path_, "classifier.weight has an unexpected shape");
}

TEST_F(ForeignFolderTest, IsRefusedWithoutAFileThatItNeeds) {
  fs::remove(path_ / "tokenizer.json");
  EXPECT_NO_THROW((void)read_model_folder(path_)) << "vocab.txt is enough";
  fs::remove(path_ / "vocab.txt");
  expect_refused(path_, "neither a tokenizer.json nor a vocab.txt");
  write_small_vocab(path_ / "vocab.txt");
  fs::remove(path_ / "model.safetensors");
  expect_refused(path_, "model.safetensors: cannot open");
}

}  // namespace
}  // namespace cram::checkpoint
