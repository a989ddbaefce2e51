// Model folders that transformers writes on the spot, and what it computes with them. Skipped where
// Python has it not.
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"

#include "encoder_of.h"
#include "python_peer.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using TensorMap = std::map<std::string, at::Tensor>;

// The largest difference, as a share of the largest value.
double difference(const at::Tensor& ours, const at::Tensor& theirs) {
  return ours.sub(theirs.view(ours.sizes())).abs().max().item<double>() /
         theirs.abs().max().item<double>();
}

json changed(json config, const json& changes) {
  config.update(changes);
  return config;
}

json written(const json& config, const json& changes) {
  return changed(config, {{"as_written", changes}});
}

// Small enough for its local layers to see less than the whole.
const json kModern = {{"num_hidden_layers", 4}, {"local_attention", 8}, {"pad_token_id", 0},
                      {"bos_token_id", 2},      {"eos_token_id", 3},    {"cls_token_id", 2},
                      {"sep_token_id", 3}};

// One model of each class that there are names for, and those whose config is unusual.
const std::vector<std::tuple<const char*, const char*, json>> kModels = {
    {"base", "BertModel", json::object()},
    {"masked", "BertForMaskedLM", json::object()},
    {"pretraining", "BertForPreTraining", json::object()},
    {"sequence", "BertForSequenceClassification", {{"num_labels", 3}}},
    {"tokens", "BertForTokenClassification", {{"num_labels", 5}}},
    {"span", "BertForQuestionAnswering", json::object()},
    {"relu", "BertForMaskedLM", {{"hidden_act", "relu"}}},
    {"relu2", "BertForMaskedLM", {{"hidden_act", "relu2"}}},
    {"silu", "BertForMaskedLM", {{"hidden_act", "silu"}, {"layer_norm_eps", 1e-3}}},
    {"gelu_new", "BertForMaskedLM", {{"hidden_act", "gelu_new"}}},
    {"gelu_tanh", "BertForMaskedLM", {{"hidden_act", "gelu_pytorch_tanh"}}},
    {"one_segment", "BertForMaskedLM", {{"type_vocab_size", 1}}},
    {"long_table", "BertModel", {{"vocab_size", 48}}},
    {"roberta", "RobertaForMaskedLM", {{"layer_norm_eps", 1e-5}, {"type_vocab_size", 1}}},
    {"roberta_base", "RobertaModel", json::object()},
    {"roberta_sequence", "RobertaForSequenceClassification", {{"num_labels", 3}}},
    {"roberta_tokens", "RobertaForTokenClassification", {{"num_labels", 5}}},
    {"xlm_roberta", "XLMRobertaForMaskedLM", json::object()},
    {"distilbert", "DistilBertForMaskedLM", json::object()},
    {"distilbert_sinusoidal",
     "DistilBertForMaskedLM",
     {{"sinusoidal_pos_embds", true}, {"activation", "relu"}}},
    {"distilbert_base", "DistilBertModel", json::object()},
    {"distilbert_span", "DistilBertForQuestionAnswering", json::object()},
    {"electra", "ElectraModel", {{"embedding_size", 24}}},
    {"electra_generator", "ElectraForMaskedLM", {{"embedding_size", 24}}},
    {"electra_narrow", "ElectraModel", {{"embedding_size", 10}}},
    {"electra_narrow_generator", "ElectraForMaskedLM", {{"embedding_size", 10}}},
    {"electra_narrow_tokens",
     "ElectraForTokenClassification",
     {{"embedding_size", 10}, {"num_labels", 5}}},
    {"modernbert", "ModernBertForMaskedLM", kModern},
    {"modernbert_base", "ModernBertModel", changed(kModern, {{"norm_bias", true}})},
    {"modernbert_global", "ModernBertForMaskedLM",
     changed(kModern, {{"global_attn_every_n_layers", 1},
                       {"attention_bias", true},
                       {"mlp_bias", true},
                       {"decoder_bias", false}})},
    {"modernbert_old_bases", "ModernBertForMaskedLM",
     written(
         kModern,
         {{"rope_parameters", nullptr}, {"global_rope_theta", 500.0}, {"local_rope_theta", 77.0}})},
    {"modernbert_bases_beside", "ModernBertForMaskedLM",
     written(kModern, {{"rope_parameters", json::object()},
                       {"global_rope_theta", 500.0},
                       {"local_rope_theta", 77.0}})},
    {"modernbert_one_base_beside", "ModernBertForMaskedLM",
     written(kModern, {{"rope_parameters", {{"full_attention", {{"type", "default"}}}}},
                       {"global_rope_theta", 500.0},
                       {"local_rope_theta", 77.0}})},
    {"modernbert_sequence", "ModernBertForSequenceClassification",
     changed(kModern, {{"num_labels", 3}})},
    {"electra_sequence",
     "ElectraForSequenceClassification",
     {{"embedding_size", 10}, {"num_labels", 3}}},
    {"distilbert_sequence", "DistilBertForSequenceClassification", {{"num_labels", 3}}}};

// What our weights compute, by transformers' names of outputs.
TensorMap outputs_of(const ModelFolder& folder, const at::Tensor& ids) {
  const auto model = encoder_of(folder);
  const TensorMap weights(folder.weights.begin(), folder.weights.end());
  const at::Tensor hidden = model.encode(ids, model::Mode::kEvaluation).detach();
  TensorMap outputs = {{"last_hidden_state", hidden}};
  at::Tensor pooled = hidden;
  if (weights.contains("task.pooler.weight")) {
    pooled = at::tanh(at::linear(hidden.select(1, 0), weights.at("task.pooler.weight"),
                                 weights.at("task.pooler.bias")));
    outputs["pooler_output"] = pooled;
  }
  if (weights.contains("task.classifier.weight")) {
    const at::Tensor logits = at::linear(pooled, weights.at("task.classifier.weight"),
                                         weights.at("task.classifier.bias"));
    outputs["logits"] = logits;
    outputs["start_logits"] = logits.select(-1, 0);
    outputs["end_logits"] = logits.select(-1, 1);
  } else {
    outputs["prediction_logits"] = outputs["logits"] =
        model.logits(ids, at::arange(ids.numel(), at::kLong));
  }
  return outputs;
}

// Of a folder that is made anew for all tests: transformers takes seconds to start.
class FolderOfTransformers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    json models = json::array();
    for (const auto& [name, type, config] : kModels) {
      models.push_back({{"name", name}, {"class", type}, {"config", config}});
      fs::create_directory(*folder_ / name);
      write_small_vocab(*folder_ / name / "vocab.txt");
    }
    result_ = run_python_peer("hugging_face_folders.py", {folder_->path(), models.dump()});
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override {
    if (result_ == PeerResult::kNotInstalled) {
      GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
    }
    ASSERT_EQ(result_, PeerResult::kDone);
  }

  static inline std::unique_ptr<test::TempFolder> folder_;
  static inline PeerResult result_ = PeerResult::kFailed;
};

TEST_F(FolderOfTransformers, GivesTheSameOutputs) {
  for (const auto& [name, type, config] : kModels) {
    TensorMap theirs = read_safetensors(*folder_ / name / "outputs.safetensors").tensors;
    const at::Tensor ids = theirs.extract("ids").mapped();
    const ModelFolder read = read_model_folder(*folder_ / name);
    const TensorMap ours = outputs_of(read, ids);
    // What a head computes of which not all is known is none of ours.
    theirs.erase("seq_relationship_logits");
    if (!read.left_out.empty()) theirs.erase("logits");
    EXPECT_TRUE(theirs.contains("last_hidden_state")) << name;
    for (const auto& [output, tensor] : theirs) {
      EXPECT_LT(difference(ours.at(output), tensor), 1e-5) << name << ": " << output;
    }
  }
}

TEST_F(FolderOfTransformers, LosesNothingThatIsKnownInAFolderOfOurs) {
  const fs::path path = *folder_ / "ours";
  for (const auto& [name, type, config] : kModels) {
    ModelFolder read = read_model_folder(*folder_ / name);
    leave_task_out(read, name);
    write_model_folder(path, read);
    const ModelFolder again = read_model_folder(path);
    EXPECT_EQ(again.recipe, read.recipe) << name;
    EXPECT_EQ(again.weights.size(), read.weights.size()) << name;
    const TensorMap found(again.weights.begin(), again.weights.end());
    for (const auto& [weight, tensor] : read.weights) {
      EXPECT_TRUE(found.contains(weight) && found.at(weight).equal(tensor))
          << name << ": " << weight;
    }
  }
}

TEST_F(FolderOfTransformers, IsOfEveryFamilyThatIsRead) {
  std::set<std::string> met = {"cram", "crammedBERT"};  // Theirs is no class of transformers.
  for (const auto& [name, type, config] : kModels) {
    met.insert(json::parse(read_bytes(*folder_ / name / "config.json")).at("model_type"));
  }
  fs::create_directory(*folder_ / "none");
  write_bytes(*folder_ / "none" / "config.json", R"({"model_type": "none"})");
  try {
    (void)read_model_folder(*folder_ / "none");
    FAIL() << "read a folder of no family";
  } catch (const Error& error) {
    std::istringstream known(error.hint().substr(0, error.hint().find(" can be read")));
    for (std::string family; known >> family;) {
      if (family.ends_with(',')) family.pop_back();
      EXPECT_TRUE(family == "and" || met.contains(family)) << family;
    }
  }
}

TEST_F(FolderOfTransformers, SaysWhichHeadsAreLeftOut) {
  using testing::ElementsAre;
  const auto left_out = [&](const char* name) {
    return read_model_folder(*folder_ / name).left_out;
  };
  EXPECT_THAT(left_out("masked"), ElementsAre());
  EXPECT_THAT(left_out("sequence"), ElementsAre());
  EXPECT_THAT(left_out("pretraining"),
              ElementsAre("cls.seq_relationship.bias", "cls.seq_relationship.weight"));
  EXPECT_THAT(left_out("distilbert_sequence"),
              ElementsAre("pre_classifier.bias", "pre_classifier.weight"));
  EXPECT_THAT(left_out("electra_sequence"),
              ElementsAre("classifier.dense.bias", "classifier.dense.weight",
                          "classifier.out_proj.bias", "classifier.out_proj.weight"));
  EXPECT_THAT(
      left_out("modernbert_sequence"),
      ElementsAre("classifier.bias", "classifier.weight", "head.dense.weight", "head.norm.weight"));
  for (const char* name : {"sequence", "distilbert_sequence", "modernbert_sequence"}) {
    ModelFolder read = read_model_folder(*folder_ / name);
    ::testing::internal::CaptureStderr();
    leave_task_out(read, "some/folder");
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                testing::HasSubstr("some/folder: weights of its heads for tasks are left out: "))
        << name;
    EXPECT_FALSE(predicts_masked_tokens(read)) << name;
    EXPECT_TRUE(read.left_out.empty()) << name;
    for (const auto& [weight, tensor] : read.weights) {
      EXPECT_FALSE(weight.starts_with("task.classifier.")) << name;
    }
  }
}

}  // namespace
}  // namespace cram::checkpoint
