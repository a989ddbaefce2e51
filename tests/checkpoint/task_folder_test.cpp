#include "cram/checkpoint/task_folder.h"

#include <map>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"
#include "cram/checkpoint/restore.h"

#include "python_peer.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using model::Outputs;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using TensorMap = std::map<std::string, at::Tensor>;

const TaskDescription kClasses = {.task = "mnli",
                                  .problem = "classification",
                                  .pairs = true,
                                  .labels = {"entailment", "neutral", "contradiction"},
                                  .head = {.size = 3, .dropout = 0.2},
                                  .max_length = 16,
                                  .second_separator = true};
const TaskDescription kScore = {
    .task = "stsb", .problem = "regression", .labels = {}, .head = {.size = 1, .inner_size = 24}};
const TaskDescription kTokens = {.task = "my-names",
                                 .problem = "token-labels",
                                 .labels = {"O", "B", "I", "\u00e9"},
                                 .head = {.outputs = Outputs::kOfTokens, .size = 4}};
const TaskDescription kSpans = {.task = "squad",
                                .problem = "span",
                                .labels = {},
                                .head = {.outputs = Outputs::kOfTokens, .size = 2}};

// The weights that a TaskModel of the recipe would have.
ops::WeightList task_weights(const recipe::Recipe& recipe, const model::TaskHead& head) {
  ops::WeightList weights;
  const auto pretrained = small_model(recipe);
  for (const auto& weight : pretrained.weights()) {
    if (!weight->name.starts_with("head.")) weights.push_back(weight);
  }
  const std::int64_t hidden = recipe.model.hidden_size;
  const auto add = [&](const std::string& layer, std::int64_t rows, std::int64_t columns) {
    for (const auto& [name, value] : {std::pair{layer + ".weight", at::randn({rows, columns})},
                                      std::pair{layer + ".bias", at::randn({rows})}}) {
      weights.push_back(ops::make_weight(model::TaskModel::kHeadPrefix + name,
                                         ops::WeightRole::kHead, value, at::kFloat));
    }
  };
  const bool pooled = head.outputs == Outputs::kOfSequence;
  const std::int64_t inner = pooled && head.inner_size > 0 ? head.inner_size : hidden;
  if (pooled) add("pooler", inner, hidden);
  add("classifier", head.size, inner);
  return weights;
}

class TaskFolderTest : public testing::Test {
 protected:
  TaskFolderTest() {
    write_small_vocab(folder_ / "vocab.txt");
    tokenizer_ = tokenizer::load_tokenizer(folder_ / "vocab.txt", {});
  }

  ops::WeightList write(const recipe::Recipe& recipe, const TaskDescription& task) {
    const ops::WeightList weights = task_weights(recipe, task.head);
    const TaskFolder model{recipe, masters(weights), tokenizer_, task};
    write_task_folder(path_, model);
    return weights;
  }
  ops::WeightList write(const char* yaml, const TaskDescription& task) {
    return write(recipe::parse(yaml, "test"), task);
  }
  void expect_refused(const std::string& because) {
    try {
      (void)read_task_folder(path_);
      ADD_FAILURE() << "read a folder that should be refused because: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr(path_.string()), HasSubstr(because), Not(HasSubstr("\n"))));
    }
  }
  [[nodiscard]] json read_json(const char* name) const {
    return json::parse(read_bytes(path_ / name));
  }

  test::TempFolder folder_;
  fs::path path_ = folder_ / "model";
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
};

TEST_F(TaskFolderTest, KeepsTheLengthThatItsTokenizerAllows) {
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  TaskFolder model{recipe, masters(task_weights(recipe, kClasses.head)), tokenizer_, kClasses};
  model.max_tokens = 12;
  write_task_folder(path_, model);
  EXPECT_EQ(read_json("tokenizer_config.json").at("model_max_length"), 12);
  EXPECT_EQ(read_task_folder(path_).max_tokens, 12);
}

TEST_F(TaskFolderTest, ComesBackAsItWas) {
  TaskDescription mean = kClasses, narrow = kClasses;
  mean.head.pooling = recipe::Pooling::kMean;
  narrow.head.inner_size = 7;
  for (const char* yaml : {kBert, kCrammed, kOwn}) {
    for (const TaskDescription& task : {kClasses, kScore, kTokens, kSpans, mean, narrow}) {
      const recipe::Recipe recipe = recipe::parse(yaml, "test");
      const ops::WeightList weights = write(recipe, task);
      const TaskFolder read = read_task_folder(path_);
      EXPECT_EQ(read.recipe, recipe);
      EXPECT_EQ(read.task, task);
      EXPECT_EQ(read.tokenizer->fingerprint(), tokenizer_->fingerprint());
      const TensorMap found(read.weights.begin(), read.weights.end());
      ASSERT_EQ(found.size(), weights.size());
      for (const auto& weight : weights) {
        EXPECT_TRUE(found.at(weight->name).equal(weight->master)) << weight->name;
      }
    }
  }
}

// Whatever stood around texts in pretraining.
TEST_F(TaskFolderTest, FramesTextsAsInFineTuning) {
  TaskDescription once = kClasses, twice = kClasses;
  once.second_separator = false;
  twice.second_separator = true;
  const auto framing = [&](const char* yaml, const TaskDescription& task) {
    (void)write(recipe::parse(yaml, "test"), task);
    return read_task_folder(path_).tokenizer->framing();
  };
  EXPECT_EQ(framing(kBert, once), tokenizer::Framing{});
  EXPECT_EQ(framing(kBert, twice).end, 2);
  EXPECT_FALSE(framing(kOwn, kClasses).second_segment) << "it has none";
}

TEST_F(TaskFolderTest, KeepsARecipeThatWasMadeOfAConfig) {
  recipe::Recipe recipe = recipe::parse(kBert, "test");
  recipe.sequence.start_token = true;
  write_model_folder(path_, recipe, small_model(recipe).weights(), *tokenizer_);
  fs::remove(path_ / "recipe.yaml");
  recipe = read_model_folder(path_).recipe;
  TaskDescription mean = kClasses;
  mean.head.pooling = recipe::Pooling::kMean;
  for (const TaskDescription& task : {kClasses, mean}) {
    const ops::WeightList weights = write(recipe, task);
    EXPECT_FALSE(fs::exists(path_ / "recipe.yaml"));
    const TaskFolder read = read_task_folder(path_);
    EXPECT_EQ(read.recipe, recipe);
    restore(read.weights, masters(weights), "folder");
  }
}

TEST_F(TaskFolderTest, IsOneOfTransformersClassesWhereThereIsOne) {
  const auto architecture = [&](const char* yaml, const TaskDescription& task) {
    (void)write(yaml, task);
    const json config = read_json("config.json");
    EXPECT_EQ(config.at("num_labels"), task.head.size);
    return config.at("model_type").get<std::string>() + " " +
           config.at("architectures").at(0).get<std::string>();
  };
  EXPECT_EQ(architecture(kBert, kClasses), "bert BertForSequenceClassification");
  EXPECT_EQ(read_json("config.json").at("problem_type"), "single_label_classification");
  EXPECT_EQ(read_json("config.json").at("id2label").at("2"), "contradiction");
  EXPECT_EQ(read_json("config.json").at("label2id").at("neutral"), 1);
  EXPECT_EQ(architecture(kBert, kScore), "bert BertForSequenceClassification");
  EXPECT_EQ(read_json("config.json").at("problem_type"), "regression");
  EXPECT_EQ(architecture(kBert, kTokens), "bert BertForTokenClassification");
  EXPECT_EQ(architecture(kBert, kSpans), "bert BertForQuestionAnswering");
  TaskDescription other = kClasses;
  other.head.pooling = recipe::Pooling::kMean;
  EXPECT_EQ(architecture(kBert, other), "cram CramForSequenceClassification");
  other = kClasses;
  other.head.inner_size = 25;
  EXPECT_EQ(architecture(kBert, other), "cram CramForSequenceClassification");
  EXPECT_EQ(architecture(kCrammed, kSpans), "cram CramForQuestionAnswering");
}

TEST_F(TaskFolderTest, IsAlsoAnEncoderToStartFrom) {
  for (const char* yaml : {kBert, kCrammed}) {
    const ops::WeightList weights = write(yaml, kClasses);
    const ModelFolder read = read_model_folder(path_);
    EXPECT_EQ(read.weights.size(), weights.size());
    EXPECT_THROW((void)masked_lm_weights(read, "folder"), Error);
  }
}

TEST_F(TaskFolderTest, IsRefusedWhenItWasOnlyPretrained) {
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  write_model_folder(path_, recipe, small_model(recipe).weights(), *tokenizer_);
  expect_refused("was not fine-tuned");
  try {
    (void)read_task_folder(path_);
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("cram finetune"));
  }
  fs::remove_all(path_);
  expect_refused("task.json");
}

TEST_F(TaskFolderTest, IsRefusedWhenItsDescriptionIsBroken) {
  (void)write(kBert, kClasses);
  const json good = read_json("task.json");
  const auto with = [&](const char* pointer, const json& value) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    write_bytes(path_ / "task.json", changed.dump());
  };
  const std::vector<std::tuple<const char*, json, const char*>> values = {
      {"/format", "other", "unknown version"},
      {"/version", 2, "unknown version"},
      {"/colour", "red", "\"colour\" is not a key"},
      {"/head/colour", "red", "\"head.colour\" is not a key"},
      {"/task", "", "'task' is empty"},
      {"/task", 7, "'task' is 7, not a string"},
      {"/problem", "ranking", "'problem' \"ranking\" is not known"},
      {"/problem", "span", "outputs of another kind"},
      {"/problem", "regression", "has no 'labels'"},
      {"/pairs", "yes", "'pairs' is \"yes\", not true or false"},
      {"/labels", "yes", "'labels' is \"yes\", not a list of strings"},
      {"/labels", json::array({"a", 2, "c"}), "not a list of strings"},
      {"/labels", json::array({"a", "b"}), "does not have a 'head.size' of 3"},
      {"/labels", json::array({"a", "b", "a"}), "twice or an empty one"},
      {"/labels", json::array({"a", "b", ""}), "twice or an empty one"},
      {"/head", json::array(), "'head' is [], not an object"},
      {"/head/outputs", "words", "'head.outputs' is \"words\", not sequence or tokens"},
      {"/head/outputs", "tokens", "outputs of another kind"},
      {"/head/pooling", "max", "'head.pooling' is \"max\", not first-token or mean"},
      {"/head/size", -1, "'head.size' is -1"},
      {"/head/size", 1e9, "'head.size' is 1000000000.0"},
      {"/head/size", nullptr, "no 'head.size'"},
      {"/head/inner_size", std::int64_t{1} << 40, "'head.inner_size' is 1099511627776"},
      {"/head/inner_size", 9, "task.pooler.weight does not fit"},
      {"/head/dropout", 1, "'head.dropout' is 1, not a number from 0 to below 1"},
      {"/max_length", 0, "'max_length' is 0"},
      {"/max_length", 1.5, "'max_length' is 1.5"},
      {"/unseen_label", 7, "'unseen_label' is none of the 'labels'"},
      {"/always_answered", 1, "'always_answered' is 1, not true or false"},
      {"/second_separator", "yes", "'second_separator' is \"yes\", not true or false"},
  };
  for (const auto& [pointer, value, because] : values) {
    with(pointer, value);
    expect_refused(because);
  }
  for (const char* key : {"task", "problem", "pairs", "labels", "head", "max_length",
                          "second_separator", "unseen_label", "always_answered"}) {
    json changed = good;
    changed.erase(key);
    write_bytes(path_ / "task.json", changed.dump());
    expect_refused("no '" + std::string(key) + "'");
  }
  write_bytes(path_ / "task.json", "{");
  expect_refused("task.json: not valid JSON");
}

TEST_F(TaskFolderTest, IsRefusedWhenItsHeadIsNotAsDescribed) {
  for (const char* yaml : {kBert, kCrammed}) {
    (void)write(yaml, kClasses);
    const auto good = read_safetensors(path_ / "model.safetensors").tensors;
    const bool bert = good.contains("classifier.weight");
    const std::string classifier = bert ? "classifier." : "task.classifier.";
    const auto with = [&](const std::string& name, const at::Tensor& value) {
      TensorMap tensors = good;
      tensors.erase(name);
      if (value.defined()) tensors[name] = value;
      write_safetensors(path_ / "model.safetensors", {tensors.begin(), tensors.end()});
    };
    with(classifier + "bias", {});
    expect_refused(classifier + "bias is missing");
    with(classifier + "bias", at::zeros({4}));
    expect_refused("classifier.bias");
    with(bert ? "bert.pooler.dense.weight" : "task.pooler.weight", at::zeros({24, 23}));
    expect_refused("pooler");
  }
}

TEST_F(TaskFolderTest, IsNotWrittenForWeightsOfAnotherHead) {
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  const TaskFolder other{recipe, masters(task_weights(recipe, kSpans.head)), tokenizer_, kClasses};
  EXPECT_THROW(write_task_folder(path_, other), Error);
  TaskDescription wrong = kClasses;
  wrong.labels.pop_back();
  EXPECT_THROW((void)write(recipe, wrong), Error);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(TaskFolderTest, IsOfPairsOnlyWhereItReadsTexts) {
  for (const TaskDescription& task : {kTokens, kSpans}) {
    TaskDescription pairs = task;
    pairs.pairs = true;
    EXPECT_THROW((void)write(kBert, pairs), Error);
    (void)write(kBert, task);
    json changed = read_json("task.json");
    changed["pairs"] = true;
    write_bytes(path_ / "task.json", changed.dump());
    expect_refused("is of no 'pairs' of texts");
  }
}

TEST_F(TaskFolderTest, TellsItsTaskWithoutItsWeights) {
  (void)write(kBert, kClasses);
  fs::remove(path_ / "model.safetensors");
  EXPECT_EQ(read_task_description(path_), kClasses);
}

// What the weights compute from the hidden states of the first token or of all.
at::Tensor task_logits(const TensorMap& weights, const at::Tensor& hidden) {
  at::Tensor input = hidden;
  if (weights.contains("task.pooler.weight")) {
    input = at::tanh(at::linear(hidden.select(1, 0), weights.at("task.pooler.weight"),
                                weights.at("task.pooler.bias")));
  }
  return at::linear(input, weights.at("task.classifier.weight"),
                    weights.at("task.classifier.bias"));
}

struct StockTask {
  const char *architecture, *yaml;
  const TaskDescription* task;
};

TEST_F(TaskFolderTest, GivesTheSameLogitsInTransformers) {
  const std::vector<StockTask> tasks = {{"BertForSequenceClassification", kBert, &kClasses},
                                        {"BertForSequenceClassification", kBert, &kScore},
                                        {"BertForTokenClassification", kBert, &kTokens},
                                        {"BertForQuestionAnswering", kBert, &kSpans},
                                        {"ElectraForTokenClassification", kElectra, &kTokens},
                                        {"ElectraForQuestionAnswering", kElectra, &kSpans}};
  const at::Tensor ids = at::arange(2 * 16, at::kLong).view({2, 16}).add_(5);
  write_safetensors(folder_ / "ids.safetensors", {{"ids", ids}});
  std::vector<fs::path> arguments = {folder_ / "ids.safetensors"};
  std::vector<at::Tensor> expected;
  const auto output = [&](std::size_t i) { return folder_ / (std::to_string(i) + ".safetensors"); };
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto& [architecture, yaml, task] = tasks[i];
    const recipe::Recipe recipe = recipe::parse(yaml, "test");
    path_ = folder_ / std::to_string(i);
    const NamedTensors weights = masters(write(recipe, *task));
    expected.push_back(
        task_logits({weights.begin(), weights.end()},
                    small_model(recipe).encode(ids, model::Mode::kEvaluation).detach()));
    arguments.insert(arguments.end(), {architecture, path_, output(i)});
  }
  const auto result = run_python_peer("hugging_face_outputs.py", arguments);
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const TensorMap theirs = read_safetensors(output(i)).tensors;
    const at::Tensor& ours = expected[i];
    const auto expect_same = [&](const char* name, const at::Tensor& tensor) {
      const at::Tensor difference = tensor.sub(theirs.at(name)).abs().max();
      EXPECT_LT(difference.item<double>(), 1e-4 * tensor.abs().max().item<double>())
          << tasks[i].architecture << " of " << tasks[i].task->task;
    };
    if (tasks[i].task->problem == "span") {
      expect_same("start_logits", ours.select(-1, 0));
      expect_same("end_logits", ours.select(-1, 1));
    } else {
      expect_same("logits", ours);
    }
  }
}

}  // namespace
}  // namespace cram::checkpoint
