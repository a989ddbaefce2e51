#include "cram/checkpoint/store.h"

#include <chrono>
#include <csignal>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ATen/ops/full.h>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/base/log.h"

#include "file_bytes.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kFiles = {"weights.safetensors", "optimizer.safetensors",
                                         "state.json", "recipe.yaml", "MANIFEST.json"};

// A state whose every part tells its step.
TrainingState state_of(std::int64_t step, std::int64_t size = 50) {
  const auto value = static_cast<double>(step);
  return {.step = step,
          .weights = {{"w", at::full({size}, value)}, {"v", at::full({2, 3}, value)}},
          .optimizer = {{"adam.step", at::full({}, value)}},
          .scalars = "{\"spent\": " + std::to_string(step) + "}",
          .recipe = "name: run\nseed: " + std::to_string(step) + "\n"};
}

void expect_state_of(const TrainingState& state, std::int64_t step) {
  EXPECT_EQ(state.step, step);
  const std::map<std::string, at::Tensor> weights(state.weights.begin(), state.weights.end());
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_TRUE(weights.at("w").eq(static_cast<double>(step)).all().item<bool>());
  EXPECT_EQ(weights.at("v").sizes(), (std::vector<std::int64_t>{2, 3}));
  ASSERT_EQ(state.optimizer.size(), 1U);
  EXPECT_EQ(state.optimizer[0].first, "adam.step");
  EXPECT_EQ(state.optimizer[0].second.item<double>(), static_cast<double>(step));
  EXPECT_EQ(state.scalars, state_of(step).scalars);
  EXPECT_EQ(state.recipe, state_of(step).recipe);
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { log::set_level(log::Level::kQuiet); }
  void TearDown() override { log::set_level(log::Level::kInfo); }
  void expect_latest(std::int64_t step) {
    const auto state = Store(path_, 2).load_latest();
    ASSERT_TRUE(state.has_value());
    expect_state_of(*state, step);
  }
  [[nodiscard]] fs::path checkpoint(std::int64_t step) const {
    std::string digits = std::to_string(step);
    return path_ / ("step-" + std::string(9 - digits.size(), '0') + digits);
  }
  [[nodiscard]] std::vector<std::string> hidden_entries() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.')) names.push_back(name);
    }
    return names;
  }

  test::TempFolder folder_;
  fs::path path_ = folder_ / "run/checkpoints";
};

TEST_F(StoreTest, HasNothingAtFirst) {
  const Store store(path_, 2);
  EXPECT_FALSE(store.load_latest().has_value());
  EXPECT_TRUE(store.steps().empty());
}

TEST_F(StoreTest, LoadsWhatWasSaved) {
  Store store(path_, 2);
  store.save(state_of(7));
  expect_latest(7);
  for (const auto& file : kFiles) EXPECT_TRUE(fs::exists(checkpoint(7) / file)) << file;
  EXPECT_TRUE(hidden_entries().empty());
}

TEST_F(StoreTest, KeepsTheNewest) {
  Store store(path_, 2);
  for (const std::int64_t step : {0, 5, 70, 900}) store.save(state_of(step));
  EXPECT_THAT(store.steps(), ElementsAre(70, 900));
  Store(path_, 1).save(state_of(1000));
  EXPECT_THAT(store.steps(), ElementsAre(1000));
  expect_latest(1000);
}

TEST_F(StoreTest, CountsBeyondNineDigits) {
  Store store(path_, 3);
  for (const std::int64_t step : {999'999'999, 1'000'000'000}) store.save(state_of(step));
  EXPECT_THAT(store.steps(), ElementsAre(999'999'999, 1'000'000'000));
  EXPECT_EQ(store.load_latest()->step, 1'000'000'000);
}

TEST_F(StoreTest, SavesOneStepAgain) {
  Store store(path_, 2);
  store.save(state_of(7));
  TrainingState changed = state_of(7);
  changed.scalars = "{}";
  store.save(changed);
  EXPECT_EQ(store.load_latest()->scalars, "{}");
  EXPECT_TRUE(hidden_entries().empty());
}

TEST_F(StoreTest, RefusesToKeepNone) { EXPECT_THROW(Store(path_, 0), Error); }

TEST_F(StoreTest, FallsBackWhenAnyFileIsCutOffOrMissing) {
  Store store(path_, 2);
  store.save(state_of(1));
  store.save(state_of(2));
  for (const auto& name : kFiles) {
    SCOPED_TRACE(name);
    const fs::path file = checkpoint(2) / name;
    const std::string good = read_bytes(file);
    for (const std::size_t size : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
      write_bytes(file, good.substr(0, size));
      expect_latest(1);
    }
    write_bytes(file, good + " ");
    expect_latest(1);
    fs::remove(file);
    expect_latest(1);
    write_bytes(file, good);
    expect_latest(2);
  }
}

TEST_F(StoreTest, FallsBackWhenAnyBitIsFlipped) {
  Store store(path_, 2);
  store.save(state_of(1));
  store.save(state_of(2));
  for (const auto& name : kFiles) {
    const fs::path file = checkpoint(2) / name;
    const std::string good = read_bytes(file);
    // All bits would take long; here each byte loses one, by turns.
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
      write_bytes(file, bad);
      ASSERT_EQ(store.load_latest()->step, 1) << name << " byte " << at;
    }
    write_bytes(file, good);
  }
  expect_latest(2);
}

TEST_F(StoreTest, WarnsOfDamage) {
  Store store(path_, 2);
  store.save(state_of(1));
  store.save(state_of(2));
  const fs::path file = checkpoint(2) / "weights.safetensors";
  fs::resize_file(file, 100);
  log::set_level(log::Level::kWarning);
  testing::internal::CaptureStderr();
  (void)store.load_latest();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(file.string() + ": damaged"));
}

TEST_F(StoreTest, FallsBackWhenAFolderHoldsAnotherStep) {
  Store store(path_, 2);
  store.save(state_of(1));
  store.save(state_of(2));
  fs::rename(checkpoint(2), checkpoint(3));
  expect_latest(1);
}

TEST_F(StoreTest, SaysSoWhenNoCheckpointVerifies) {
  Store store(path_, 2);
  store.save(state_of(1));
  write_bytes(checkpoint(1) / "state.json", "{}");
  fs::create_directory(checkpoint(2));
  try {
    (void)store.load_latest();
    FAIL() << "loaded a damaged checkpoint";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr(path_.string()));
  }
}

TEST_F(StoreTest, ReadsTheFormatThatIsDescribed) {
  // Written by hand from FORMAT.md, with hashes of known content.
  const auto write_by_hand = [&](int version) {
    fs::create_directories(checkpoint(3));
    std::string files;
    for (const char* name :
         {"optimizer.safetensors", "recipe.yaml", "state.json", "weights.safetensors"}) {
      const std::string bytes = fs::path(name).extension() == ".safetensors"
                                    ? std::string("\2\0\0\0\0\0\0\0{}", 10)
                                    : std::string("{}");
      write_bytes(checkpoint(3) / name, bytes);
      files += std::string(files.empty() ? "" : ",") + "\"" + name +
               "\":{\"size\":" + std::to_string(bytes.size()) + ",\"xxh3\":\"" +
               hex64(hash64(bytes)) + "\"}";
    }
    const std::string content =
        "{\"files\":{" + files +
        "},\"format\":\"cram-checkpoint\",\"step\":3,\"version\":" + std::to_string(version) + "}";
    // Two spaces for each level, a line for each value.
    std::string pretty;
    int level = 0;
    const auto new_line = [&] { pretty += "\n" + std::string(2 * level, ' '); };
    for (const char c :
         "{\"content\":" + content + ",\"xxh3\":\"" + hex64(hash64(content)) + "\"}") {
      if (c == '}') --level, new_line();
      pretty += c;
      if (c == ':') pretty += ' ';
      if (c == '{') ++level;
      if (c == '{' || c == ',') new_line();
    }
    write_bytes(checkpoint(3) / "MANIFEST.json", pretty + "\n");
  };
  const Store store(path_, 2);
  write_by_hand(1);
  const auto state = store.load_latest();
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->step, 3);
  EXPECT_TRUE(state->weights.empty());
  write_by_hand(2);
  EXPECT_THROW((void)store.load_latest(), Error) << "an unknown version";
}

TEST_F(StoreTest, NeverDeletesTheOnlyGoodOne) {
  Store(path_, 2).save(state_of(30));
  write_bytes(checkpoint(30) / "recipe.yaml", "damaged");
  Store store(path_, 1);
  store.save(state_of(20));
  EXPECT_THAT(store.steps(), ElementsAre(20)) << "the damaged one is of no use";
  expect_latest(20);
  Store(path_, 2).save(state_of(40));
  store.save(state_of(35));
  EXPECT_THAT(store.steps(), ElementsAre(35, 40)) << "a good one that is newer stays";
  expect_latest(40);
}

TEST_F(StoreTest, RemovesWhatACrashLeftBehind) {
  Store(path_, 2).save(state_of(1));
  for (const char* name : {".step-000000002.partial-123", ".step-000000001.removed",
                           ".step-000000001.partial-9.old", ".step-000000005.partial-9.old"}) {
    fs::create_directories(path_ / name);
    write_bytes(path_ / name / "weights.safetensors", "x");
  }
  write_bytes(path_ / "notes.txt", "mine");
  fs::create_directory(path_ / "step-best");
  const Store store(path_, 2);
  EXPECT_TRUE(hidden_entries().empty());
  EXPECT_TRUE(fs::exists(path_ / "notes.txt")) << "not ours to remove";
  EXPECT_TRUE(fs::exists(path_ / "step-best"));
  EXPECT_THAT(store.steps(), ElementsAre(1));
}

TEST_F(StoreTest, BringsBackACheckpointThatWasBeingReplaced) {
  Store(path_, 2).save(state_of(1));
  fs::rename(checkpoint(1), path_ / ".step-000000001.partial-77.old");
  expect_latest(1);
  EXPECT_TRUE(hidden_entries().empty());
}

// Lets no file of this process grow beyond a size, as if the disk were full there.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(StoreTest, LeavesOlderCheckpointsIntactWhenTheDiskIsFull) {
  Store store(path_, 1);
  store.save(state_of(1));
  for (const rlim_t limit : {0, 1, 8, 50, 100, 200, 300, 500, 4096, 100'000}) {
    const FileSizeLimit full(limit);
    try {
      store.save(state_of(2, 100'000));
      ADD_FAILURE() << "saved " << limit << " bytes a file at most";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kStorage) << error.what();
    }
    EXPECT_TRUE(hidden_entries().empty()) << limit;
    EXPECT_THAT(store.steps(), ElementsAre(1));
    ASSERT_EQ(store.load_latest()->step, 1);
  }
  store.save(state_of(2));
  expect_latest(2);
}

TEST_F(StoreTest, ReportsAFolderThatCannotBeMade) {
  write_bytes(folder_ / "run", "a file where a folder should be");
  try {
    const Store store(path_, 2);
    FAIL() << "made a folder inside a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
  }
}

TEST_F(StoreTest, SurvivesAKillAtAnyMoment) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Store(path_, 2).save(state_of(0, 20'000));
  const auto one_save = Clock::now() - start;
  std::int64_t last = 0;
  // More rounds, each longer, where the machine leaves a writer no time.
  for (int round = 0; round < 24 || (last == 0 && round < 200); ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Store store(path_, 2);
      for (std::int64_t step = last + 1;; ++step) store.save(state_of(step, 20'000));
    }
    std::this_thread::sleep_for(one_save * (round + 1) / 8);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";

    const Store store(path_, 2);
    const auto state = store.load_latest();
    ASSERT_TRUE(state.has_value());
    ASSERT_GE(state->step, last) << "lost a checkpoint that was there";
    expect_state_of(*state, state->step);
    EXPECT_TRUE(hidden_entries().empty());
    last = state->step;
  }
  EXPECT_GT(last, 0) << "no writer got far enough for this to mean something";
}

}  // namespace
}  // namespace cram::checkpoint
