#include "cram/finetune/finetune.h"

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/finetune/loaded_task_model.h"
#include "cram/glue/run_identity.h"

#include "small_task.h"

namespace cram::finetune {
namespace {

using testing::HasSubstr;

class FinetuneTest : public testing::Test {
 protected:
  FinetuneTest() {
    at::set_num_threads(1);
    checkpoint_ = test::write_model(folder_);
    const glue::DataSet data = test::make_data();
    test::write_table(folder_ / "kinds.tsv", data.train);
    test::write_table(folder_ / "dev.tsv", data.dev.front());
    test::write_table(folder_ / "test.tsv", test::make_split("test", 2000, 10));
  }
  ~FinetuneTest() override { interrupt::clear(); }

  [[nodiscard]] Request request(const std::vector<std::string>& overrides = {}) const {
    Request made;
    made.recipe = test::tuning_recipe(folder_.path(), overrides);
    made.checkpoint = checkpoint_;
    made.files = glue::LabelledFiles{
        .train = folder_ / "kinds.tsv", .dev = folder_ / "dev.tsv", .test = folder_ / "test.tsv"};
    return made;
  }

  [[nodiscard]] std::filesystem::path run_folder() const {
    return folder_ / "runs" / "pretrained-small";
  }

  cram::test::TempFolder folder_;
  std::filesystem::path checkpoint_;
};

std::string message_of(const Request& request) {
  try {
    (void)finetune(request);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(FinetuneTest, LeavesScoresModelPredictionsAndAPage) {
  const Result result = finetune(request({"finetune.epochs=20", "optimizer.learning_rate=0.01"}));
  ASSERT_EQ(result.tasks.size(), 1u);
  EXPECT_EQ(result.tasks[0].task, "kinds");
  ASSERT_EQ(result.tasks[0].seeds.size(), 2u);
  EXPECT_GT(glue::spread(result.tasks[0], "dev", glue::Metric::kAccuracy).median, 0.95);
  EXPECT_EQ(result.folder, run_folder());
  for (const char* file : {"recipe.yaml", "build.json", "run.json", "events.jsonl", "results.json",
                           "results.csv", "results.md", "report.html", "kinds/model/task.json",
                           "kinds/predictions/test.jsonl", "kinds/seed-1/result.json"}) {
    EXPECT_TRUE(std::filesystem::exists(result.folder / file)) << file;
  }
  EXPECT_FALSE(std::filesystem::exists(result.folder / "kinds/seed-0/checkpoints"));
  EXPECT_FALSE(std::filesystem::exists(result.folder / "kinds/seed-0/model"));
}

TEST_F(FinetuneTest, KeepsAModelThatPredictsWhatWasScored) {
  const Result result = finetune(request({"finetune.epochs=20", "optimizer.learning_rate=0.01"}));
  const LoadedTaskModel model =
      load_task_model(find_task_model(result.folder, ""), {.type = "cpu", .threads = 1},
                      {.compute = recipe::PrecisionType::kFp32});
  const glue::Split dev = test::make_data().dev.front();
  const auto predictions = predict_split(model, dev, model.data());
  const double accuracy =
      measure(predictions, dev, model.data(), {glue::Metric::kAccuracy}).front().value;
  EXPECT_DOUBLE_EQ(accuracy, glue::median_seed(result.tasks[0]).splits[0].metrics[0].value);
}

TEST_F(FinetuneTest, DoesNothingTwice) {
  const Result first = finetune(request());
  const auto before = std::filesystem::last_write_time(run_folder() / "kinds/seed-0/result.json");
  const Result second = finetune(request());
  EXPECT_EQ(std::filesystem::last_write_time(run_folder() / "kinds/seed-0/result.json"), before);
  EXPECT_EQ(second.tasks[0].seeds, first.tasks[0].seeds);
}

TEST_F(FinetuneTest, AddsSeedsToWhatIsThere) {
  const Result first = finetune(request({"finetune.seeds=1"}));
  const Result second = finetune(request({"finetune.seeds=3"}));
  ASSERT_EQ(second.tasks[0].seeds.size(), 3u);
  EXPECT_EQ(second.tasks[0].seeds[0], first.tasks[0].seeds[0]);
}

// The model is that of the seed in the file beside it, also when that was another one before.
TEST_F(FinetuneTest, KeepsTheModelOfTheSeedThatItNames) {
  for (const char* seeds : {"finetune.seeds=1", "finetune.seeds=4"}) {
    const Result result = finetune(request({seeds, "finetune.epochs=6"}));
    const auto seed = std::stoul(read_file(run_folder() / "kinds/model-seed.txt"));
    const LoadedTaskModel model =
        load_task_model(run_folder() / "kinds/model", {.type = "cpu", .threads = 1},
                        {.compute = recipe::PrecisionType::kFp32});
    const glue::Split dev = test::make_data().dev.front();
    const auto measured = measure(predict_split(model, dev, model.data()), dev, model.data(),
                                  {glue::Metric::kAccuracy});
    EXPECT_DOUBLE_EQ(measured.front().value,
                     result.tasks[0].seeds.at(seed).splits[0].metrics[0].value);
  }
}

TEST_F(FinetuneTest, AddsTasksToWhatIsThere) {
  (void)finetune(request({"finetune.epochs=1"}));
  std::filesystem::copy_file(folder_ / "kinds.tsv", folder_ / "sorts.tsv");
  Request other = request({"finetune.epochs=1"});
  other.files->train = folder_ / "sorts.tsv";
  const Result result = finetune(other);
  ASSERT_EQ(result.tasks.size(), 2u);
  EXPECT_EQ(result.tasks[0].task, "kinds");
  EXPECT_EQ(result.tasks[1].task, "sorts");
  EXPECT_THAT(read_file(run_folder() / "results.csv"),
              testing::AllOf(HasSubstr("kinds"), HasSubstr("sorts")));
}

// The signal comes as soon as the first seed is done, so in the middle of the second.
TEST_F(FinetuneTest, GoesOnAfterASignal) {
  const Result whole = finetune(request({"finetune.epochs=10"}));
  Request again = request({"finetune.epochs=10"});
  again.output = folder_ / "again";
  {
    const std::filesystem::path first = again.output / "kinds/seed-0/result.json";
    const std::jthread stopper([first](const std::stop_token& enough) {
      while (!std::filesystem::exists(first) && !enough.stop_requested()) std::this_thread::yield();
      interrupt::request_stop(SIGTERM);
    });
    try {
      EXPECT_EQ(finetune(again).signal, SIGTERM);
    } catch (const Interrupted&) {  // between two jobs
    }
  }
  interrupt::clear();
  EXPECT_FALSE(std::filesystem::exists(again.output / "kinds/seed-1/result.json"));
  const Result resumed = finetune(again);
  EXPECT_EQ(resumed.tasks[0].seeds[1].splits, whole.tasks[0].seeds[1].splits);
}

TEST_F(FinetuneTest, SaysOfEveryRecordOfAJobWhoseItIs) {
  const Result result = finetune(request({"finetune.epochs=2"}));
  std::istringstream lines(read_file(result.folder / "events.jsonl"));
  std::set<std::string> kinds;
  std::set<int> seeds;
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line);
    EXPECT_EQ(event.value("task", ""), "kinds") << line;
    seeds.insert(event.value("seed", -1));
    kinds.insert(event.at("event"));
    if (event.at("event") == "evaluated") {
      EXPECT_EQ(event.at("step"), 10 * event.at("epoch").get<int>());
    }
  }
  EXPECT_THAT(seeds, testing::ElementsAre(0, 1));
  EXPECT_THAT(kinds, testing::IsSupersetOf({"started", "progress", "evaluated"}));
}

TEST_F(FinetuneTest, ShowsASeedThatDivergedAndGoesOn) {
  const Result result = finetune(request({"optimizer.learning_rate=1e30"}));
  ASSERT_EQ(result.tasks[0].seeds.size(), 2u);
  EXPECT_TRUE(std::isnan(result.tasks[0].seeds[1].splits[0].metrics[0].value));
  EXPECT_TRUE(result.diverged());
  EXPECT_FALSE(std::filesystem::exists(run_folder() / "kinds/model"));
  EXPECT_TRUE(std::filesystem::exists(run_folder() / "report.html"));
}

TEST_F(FinetuneTest, LeavesTheFoldersOfOthersAlone) {
  std::filesystem::create_directories(folder_ / "other");
  write_file_atomic(folder_ / "other" / "recipe.yaml", "name: other\n");
  Request into = request();
  into.output = folder_ / "other";
  EXPECT_THAT(message_of(into), HasSubstr("holds something else"));
  EXPECT_EQ(read_file(folder_ / "other" / "recipe.yaml"), "name: other\n");
}

TEST_F(FinetuneTest, KeepsDataSetsWithStrangeNamesInsideItsFolder) {
  for (const char* name : {"...tsv", "run.json.tsv", "tensorboard.tsv"}) {
    std::filesystem::copy_file(folder_ / "kinds.tsv", folder_ / name);
    Request strange = request({"finetune.epochs=1", "finetune.seeds=1"});
    strange.files->train = folder_ / name;
    strange.output = folder_ / "deep" / name;
    const Result result = finetune(strange);
    EXPECT_TRUE(std::filesystem::exists(strange.output / result.tasks[0].task / "model")) << name;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "deep" / "model")) << name;
  }
}

TEST_F(FinetuneTest, MakesMissingPredictionsAgain) {
  const Result result = finetune(request({"finetune.epochs=1"}));
  const std::filesystem::path file = result.folder / "kinds/predictions/test.jsonl";
  const std::string before = read_file(file);
  std::filesystem::remove(file);
  (void)finetune(request({"finetune.epochs=1"}));
  EXPECT_EQ(read_file(file), before);
}

TEST_F(FinetuneTest, MakesDamagedPredictionsAgain) {
  const Result result = finetune(request({"finetune.epochs=1"}));
  const std::filesystem::path folder = result.folder / "kinds/predictions";
  const std::string before = read_file(folder / "test.jsonl");
  write_file_atomic(folder / "test.jsonl", "garbage\n");
  write_file_atomic(folder / "more.jsonl", "not ours\n");
  (void)finetune(request({"finetune.epochs=1"}));
  EXPECT_EQ(read_file(folder / "test.jsonl"), before);
  EXPECT_FALSE(std::filesystem::exists(folder / "more.jsonl"));
}

TEST_F(FinetuneTest, MakesAModelThatWasTakenAwayAgain) {
  const Result first = finetune(request({"finetune.seeds=3"}));
  const std::filesystem::path model = run_folder() / "kinds/model";
  const std::string weights = read_file(model / "model.safetensors");
  const std::string seed = read_file(run_folder() / "kinds/model-seed.txt");
  std::filesystem::remove_all(model);
  const Result second = finetune(request({"finetune.seeds=3"}));
  EXPECT_EQ(read_file(model / "model.safetensors"), weights);
  EXPECT_EQ(read_file(run_folder() / "kinds/model-seed.txt"), seed);
  ASSERT_EQ(second.tasks[0].seeds.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(second.tasks[0].seeds[i].splits, first.tasks[0].seeds[i].splits);
  }
}

// As it is when making the model again was interrupted.
TEST_F(FinetuneTest, DoesOneSeedAloneAgainForALostModel) {
  (void)finetune(request({"finetune.epochs=1"}));
  std::filesystem::remove_all(run_folder() / "kinds/model");
  std::filesystem::remove(run_folder() / "kinds/seed-0/result.json");
  const std::filesystem::path other = run_folder() / "kinds/seed-1/result.json";
  const auto before = std::filesystem::last_write_time(other);
  (void)finetune(request({"finetune.epochs=1"}));
  EXPECT_EQ(std::filesystem::last_write_time(other), before);
  EXPECT_EQ(read_file(run_folder() / "kinds/model-seed.txt"), "0\n");
}

TEST_F(FinetuneTest, RemembersItsRecipeWithoutTheFileForPeople) {
  const Result result = finetune(request({"finetune.epochs=1"}));
  std::filesystem::remove(result.folder / "recipe.yaml");
  EXPECT_THAT(message_of(request({"finetune.epochs=2"})), HasSubstr("finetune.epochs: 1 -> 2"));
}

TEST_F(FinetuneTest, NamesTheRunAfterTheCheckpoint) {
  Request made = request();
  const auto name = [&](const std::filesystem::path& checkpoint) {
    made.checkpoint = checkpoint;
    return output_folder(made).filename();
  };
  EXPECT_EQ(name("runs/x"), "x-small");
  EXPECT_EQ(name("runs/x/"), "x-small");
  EXPECT_EQ(name("runs/x/model"), "x-small");
}

TEST_F(FinetuneTest, RefusesAFolderOfAnotherRecipe) {
  (void)finetune(request());
  EXPECT_THAT(message_of(request({"optimizer.learning_rate=0.1"})),
              HasSubstr("optimizer.learning_rate"));
  Request fresh = request({"optimizer.learning_rate=0.001", "finetune.epochs=1"});
  fresh.fresh = Fresh::kAlways;
  EXPECT_EQ(message_of(fresh), "no error");
  EXPECT_TRUE(std::filesystem::exists(run_folder().string() + ".1"));
}

TEST_F(FinetuneTest, RefusesAFolderOfAnotherCheckpointOrOtherData) {
  (void)finetune(request({"finetune.epochs=1"}));
  Request untrained = request({"finetune.epochs=1"});
  untrained.start = Start::kUntrained;
  untrained.output = run_folder();
  EXPECT_THAT(message_of(untrained), HasSubstr("another checkpoint"));
  test::write_table(folder_ / "kinds.tsv", test::make_split("train", 0, 90));
  EXPECT_THAT(message_of(request({"finetune.epochs=1"})), HasSubstr("data of kinds"));
}

TEST_F(FinetuneTest, SetsOnlyAnotherRunAsideWhereAskedToDoThat) {
  Request made = request({"finetune.epochs=1", "finetune.seeds=1"});
  made.fresh = Fresh::kIfOther;
  (void)finetune(made);
  const auto result = run_folder() / "kinds/seed-0/result.json";
  const auto before = std::filesystem::last_write_time(result);
  made.recipe.checkpoint.keep = 9;
  made.recipe.device.type = "auto";
  (void)finetune(made);
  EXPECT_EQ(std::filesystem::last_write_time(result), before);
  made.recipe.optimizer.learning_rate /= 2;
  (void)finetune(made);
  EXPECT_TRUE(std::filesystem::exists(run_folder().string() + ".1/run.json"));
  made.start = Start::kUntrained;
  made.output = run_folder();
  (void)finetune(made);
  EXPECT_TRUE(std::filesystem::exists(run_folder().string() + ".2/run.json"));
  EXPECT_FALSE(std::filesystem::exists(run_folder().string() + ".3"));
}

TEST_F(FinetuneTest, RecordsTheFilesOfTheModelThatItsScoresAreOf) {
  Request made = request({"finetune.epochs=1", "finetune.seeds=1"});
  const Result pretrained = finetune(made);
  EXPECT_EQ(glue::read_identity(pretrained.folder / "run.json").files,
            glue::hash_of_model(checkpoint_));
  made.start = Start::kUntrained;
  EXPECT_EQ(glue::read_identity(finetune(made).folder / "run.json").files, "");
}

TEST_F(FinetuneTest, UsesTheFirstExamplesWhereAskedTo) {
  const Result result = finetune(request({"finetune.max_examples=32", "finetune.epochs=1"}));
  EXPECT_EQ(result.tasks[0].seeds[0].examples, 32);
}

TEST_F(FinetuneTest, StartsFromFreshWeightsWhereAskedTo) {
  Request untrained = request({"finetune.epochs=1"});
  untrained.start = Start::kUntrained;
  EXPECT_EQ(output_folder(untrained).filename(), "pretrained-untrained-small");
  EXPECT_EQ(finetune(untrained).tasks.size(), 1u);
}

TEST_F(FinetuneTest, RefusesUnknownTasks) {
  Request unknown = request();
  unknown.files.reset();
  unknown.tasks = {"sst3"};
  EXPECT_THAT(message_of(unknown), HasSubstr("no task 'sst3'"));
  unknown.tasks = {"ax"};
  EXPECT_THAT(message_of(unknown), HasSubstr("no training data"));
  unknown.tasks = {"rte", "cola"};
  unknown.data = folder_ / "nowhere";
  EXPECT_THAT(message_of(unknown), HasSubstr("nowhere"));
}

TEST_F(FinetuneTest, TakesLongerExamplesThanInPretrainingWherePositionsAreComputed) {
  EXPECT_EQ(message_of(request({"finetune.max_length=64", "finetune.epochs=1"})), "no error");
}

TEST_F(FinetuneTest, RefusesLongerExamplesThanThereAreLearnedPositions) {
  checkpoint_ = test::write_model(folder_, "learned");
  EXPECT_THAT(message_of(request({"finetune.max_length=64"})), HasSubstr("has 16 positions"));
}

TEST_F(FinetuneTest, TellsUntrainedModelsOfOtherShapesApart) {
  const std::filesystem::path learned = test::write_model(folder_, "learned");
  EXPECT_NE(load_pretrained(checkpoint_, Start::kUntrained).fingerprint,
            load_pretrained(learned, Start::kUntrained).fingerprint);
}

TEST_F(FinetuneTest, MakesDamagedCachesAnew) {
  const Result first = finetune(request({"finetune.epochs=1"}));
  int damaged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "cache")) {
    std::string bytes = read_file(entry.path());
    bytes[bytes.size() - 9] = static_cast<char>(bytes[bytes.size() - 9] ^ 1);
    write_file_atomic(entry.path(), bytes);
    ++damaged;
  }
  EXPECT_EQ(damaged, 3);
  Request again = request({"finetune.epochs=1"});
  again.output = folder_ / "again";
  EXPECT_EQ(finetune(again).tasks[0].seeds[0].splits, first.tasks[0].seeds[0].splits);
}

TEST_F(FinetuneTest, FindsTheModelOfATask) {
  const Result result = finetune(request({"finetune.epochs=1"}));
  EXPECT_EQ(find_task_model(result.folder, "kinds"), result.folder / "kinds" / "model");
  EXPECT_EQ(find_task_model(result.folder / "kinds" / "model", ""),
            result.folder / "kinds" / "model");
  EXPECT_THROW((void)find_task_model(result.folder, "rte"), Error);
  EXPECT_THROW((void)find_task_model(folder_ / "nowhere", ""), Error);
  EXPECT_THROW((void)find_task_model(checkpoint_, ""), Error);
}

}  // namespace
}  // namespace cram::finetune
