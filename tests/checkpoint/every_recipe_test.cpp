// The recipes that ship with the program, at small sizes, in the programs that load their models.
#include <map>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <ATen/ops/arange.h>

#include "cram/checkpoint/model_folder.h"
#include "cram/recipe/load.h"

#include "python_peer.h"
#include "recipe/config_files.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;

// The class that loads the model of each recipe; "CramForMaskedLM" is none.
const std::map<std::string, std::string> kClasses = {{"bert-base", "BertForMaskedLM"},
                                                     {"bert-base-24h", "BertForMaskedLM"},
                                                     {"crammed-bert", "ScriptableLMForPreTraining"},
                                                     {"crammed-bert-v1", "CramForMaskedLM"},
                                                     {"izsak-bert-large-24h", "CramForMaskedLM"},
                                                     {"cram", "CramForMaskedLM"},
                                                     {"modern-bert", "ModernBertForMaskedLM"},
                                                     {"pocket", "CramForMaskedLM"},
                                                     {"pocket-20m", "CramForMaskedLM"},
                                                     {"pocket-8h", "CramForMaskedLM"},
                                                     {"quickstart", "CramForMaskedLM"}};

// The same in everything but sizes, with weights large enough that every part matters.
recipe::Recipe small(recipe::Recipe recipe) {
  recipe::Model& model = recipe.model;
  model.layers = 4;
  model.hidden_size = 24;
  model.heads = 3;
  model.intermediate_size = 48;
  model.max_positions = model.max_positions > 0 ? 20 : 0;
  model.local_attention = model.local_attention > 0 ? 6 : 0;
  recipe.sequence.length = 16;
  return recipe;
}

struct Job {
  std::string name, architecture;
  bool stock = false;
  model::MaskedLanguageModel model;
};

// Writes FOLDER/name for each recipe.
std::vector<Job> write_all(const fs::path& folder) {
  write_small_vocab(folder / "vocab.txt");
  const auto tokenizer = tokenizer::load_tokenizer(folder / "vocab.txt", {});
  std::vector<Job> jobs;
  for (const fs::path& file : recipe::test::config_files(recipe::Purpose::kPretraining)) {
    const recipe::Recipe recipe = small(recipe::load(file));
    auto model = small_model(recipe);
    for (const auto& weight : model.weights()) {  // No matrix is zero, no gain one.
      weight->master.add_(weight->master.new_empty(weight->master.sizes()).uniform_(-0.3, 0.3));
    }
    const ModelCard card =
        write_model_folder(folder / recipe.name, recipe, model.weights(), *tokenizer);
    jobs.push_back({recipe.name, card.architecture, card.stock, std::move(model)});
  }
  return jobs;
}

// Has the peer of each job write what its class computes, where there is one. Returns the files.
std::map<std::string, fs::path> run_peers(const fs::path& folder, const std::vector<Job>& jobs,
                                          PeerResult& result) {
  std::map<std::string, fs::path> outputs;
  std::vector<fs::path> stock = {folder / "ids.safetensors"}, crammed;
  for (const Job& job : jobs) {
    const fs::path path = folder / job.name, output = path / "outputs.safetensors";
    if (job.stock) {
      for (const fs::path& argument : {fs::path(job.architecture), path, output}) {
        stock.push_back(argument);
      }
    } else if (job.architecture == "ScriptableLMForPreTraining") {
      crammed.push_back(path);
    } else {
      continue;
    }
    outputs[job.name] = output;
  }
  result = run_python_peer("hugging_face_outputs.py", stock);
  if (result == PeerResult::kDone) result = run_python_peer("crammed_bert.py", crammed);
  return outputs;
}

TEST(EveryRecipe, GivesTheSameLogitsInTheClassThatLoadsIt) {
  const test::TempFolder folder;
  const at::Tensor ids = at::arange(2 * 16, at::kLong).view({2, 16}).add(5);
  write_safetensors(folder / "ids.safetensors", {{"ids", ids}});
  const std::vector<Job> jobs = write_all(folder.path());
  std::map<std::string, std::string> classes;
  for (const Job& job : jobs) classes[job.name] = job.architecture;
  EXPECT_EQ(classes, kClasses);

  PeerResult result{};
  const auto outputs = run_peers(folder.path(), jobs, result);
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  for (const Job& job : jobs) {
    if (!outputs.contains(job.name)) continue;
    const auto tensors = read_safetensors(outputs.at(job.name)).tensors;
    const at::Tensor& theirs = tensors.at("logits");
    const at::Tensor input = tensors.contains("ids") ? tensors.at("ids") : ids;
    const at::Tensor ours = job.model.logits(input, at::arange(input.numel(), at::kLong));
    const double difference = ours.sub(theirs.view(ours.sizes())).abs().max().item<double>();
    EXPECT_LT(difference, 1e-4 * theirs.abs().max().item<double>()) << job.name;
  }
}

}  // namespace
}  // namespace cram::checkpoint
