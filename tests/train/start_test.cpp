// Runs that go on with a pretrained model.
#include "cram/train/start.h"

#include <map>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/full_like.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand_like.h>
#include <ATen/ops/tensor.h>

#include "cram/base/error.h"
#include "cram/checkpoint/restore.h"
#include "cram/train/validation.h"

#include "checkpoint/python_peer.h"
#include "small_run.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;
using checkpoint::NamedTensors;
using test::Session;
using test::SmallRun;
using testing::HasSubstr;
using TensorMap = std::map<std::string, at::Tensor>;

TensorMap masters_of(const model::MaskedLanguageModel& model) {
  const NamedTensors tensors = checkpoint::masters(model.weights());
  return {tensors.begin(), tensors.end()};
}

class StartTest : public testing::Test {
 protected:
  // A recipe that goes on with the model in folder_.
  [[nodiscard]] recipe::Recipe recipe() const {
    recipe::Recipe recipe = run_.recipe();
    recipe.tokenizer = {};
    recipe.model.from = folder_;
    const recipe::Model model = start_model(recipe);
    recipe.model = model;
    recipe.model.from = folder_;
    return recipe;
  }
  // The tokenizer that the runs of this text train.
  [[nodiscard]] std::shared_ptr<const tokenizer::Tokenizer> tokenizer() const {
    return corpus::prepare(prepare_options(run_.recipe())).tokenizer;
  }
  // As a run would have left it, with those weights that `keep` wants.
  TensorMap write_model(const std::function<bool(const std::string&)>& keep) const {
    const recipe::Recipe recipe = run_.recipe({"model.head_transform=bert", "seed=5"});
    const Session session(recipe, run_.folder / "unused");
    checkpoint::ModelFolder model{recipe, {}, session.data.prepared.tokenizer};
    TensorMap all = masters_of(*session.engine.model);
    for (auto& [name, tensor] : all) {
      tensor = at::rand_like(tensor);
      if (keep(name)) model.weights.emplace_back(name, tensor);
    }
    checkpoint::write_model_folder(folder_, model);
    return all;
  }

  SmallRun run_;
  fs::path folder_ = run_.folder / "pretrained";
};

TEST_F(StartTest, BeginsWithTheLossThatTransformersComputes) {
  const nlohmann::json models = {
      {{"name", "pretrained"},
       {"class", "BertForMaskedLM"},
       {"config", {{"vocab_size", tokenizer()->vocab_size()}, {"hidden_act", "gelu_new"}}}}};
  const auto made =
      checkpoint::run_python_peer("hugging_face_folders.py", {run_.folder.path(), models.dump()});
  if (made == checkpoint::PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(made, checkpoint::PeerResult::kDone);
  tokenizer()->save(folder_);

  const Session session(recipe(), run_.folder / "checkpoints");
  load_start(*find_start(recipe(), {}), recipe(), *session.engine.model);
  const model::MaskedInput batch =
      to_tensors(session.data.held_out->make_in_file_order(0, 8, 0.15), at::kCPU);
  const at::Tensor labels = at::full_like(batch.ids, -100);
  labels.view({-1}).index_put_({batch.positions}, batch.targets);
  checkpoint::write_safetensors(run_.folder / "in", {{"ids", batch.ids}, {"labels", labels}});
  ASSERT_EQ(checkpoint::run_python_peer("hugging_face_gradients.py",
                                        {folder_, run_.folder / "in", run_.folder / "out"}),
            checkpoint::PeerResult::kDone);
  const double theirs =
      checkpoint::read_safetensors(run_.folder / "out").tensors.at("loss").item<double>();
  const ops::MaskedLoss ours = session.engine.model->loss(batch, model::Mode::kEvaluation);
  EXPECT_NEAR(ours.loss.item<double>(), theirs, 1e-5 * theirs);
}

TEST_F(StartTest, TakesEveryWeightOfAModelWithAHead) {
  const TensorMap saved = write_model([](const std::string&) { return true; });
  const Session session(recipe(), run_.folder / "checkpoints");
  load_start(*find_start(recipe(), {}), recipe(), *session.engine.model);
  for (const auto& [name, tensor] : masters_of(*session.engine.model)) {
    EXPECT_TRUE(tensor.equal(saved.at(name))) << name;
  }
}

TEST_F(StartTest, GivesAnEncoderWithoutAHeadAFreshOne) {
  const TensorMap saved =
      write_model([](const std::string& name) { return !name.starts_with("head."); });
  const Session session(recipe(), run_.folder / "checkpoints");
  TensorMap fresh;
  for (const auto& [name, tensor] : masters_of(*session.engine.model)) fresh[name] = tensor.clone();
  ::testing::internal::CaptureStderr();
  load_start(*find_start(recipe(), {}), recipe(), *session.engine.model);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("a fresh one is trained"));
  for (const auto& [name, tensor] : masters_of(*session.engine.model)) {
    EXPECT_TRUE(tensor.equal((name.starts_with("head.") ? fresh : saved).at(name))) << name;
  }
}

TEST_F(StartTest, RefusesWeightsThatAreNotWhole) {
  (void)write_model(
      [](const std::string& name) { return name != "layers.1.attention.qkv.weight"; });
  const Session session(recipe(), run_.folder / "checkpoints");
  try {
    load_start(*find_start(recipe(), {}), recipe(), *session.engine.model);
    ADD_FAILURE() << "began with half a model";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("layers.1.attention.qkv.weight is missing"));
  }
}

TEST_F(StartTest, KeepsTheLengthOfAPositionTableThatWasLearned) {
  const auto positions_of = [&](const std::vector<std::string>& options) {
    const recipe::Recipe learned = run_.recipe(options);
    const Session session(learned, run_.folder / "unused");
    checkpoint::write_model_folder(folder_, learned, session.engine.model->weights(),
                                   *session.data.prepared.tokenizer);
    recipe::Recipe other = run_.recipe();
    other.model.from = folder_;
    return start_model(other).max_positions;
  };
  EXPECT_EQ(positions_of({"model.positions=learned", "sequence.length=24"}), 24);
  EXPECT_EQ(positions_of({"model.positions=learned", "model.max_positions=40"}), 40);
  EXPECT_EQ(positions_of({"model.positions=sinusoidal", "model.max_positions=40"}), 0);
}

}  // namespace
}  // namespace cram::train
