// Preparations that are interrupted, and several at once on one cache.
#include <algorithm>
#include <csignal>
#include <future>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cram/base/error.h"

#include "corpus/preparation_fixture.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using test::lock_of;

// Runs `action` in a process of its own and returns its exit status; the action's result is the
// exit code.
template <class Action>
pid_t start_process(const Action& action) {
  const pid_t child = fork();
  if (child != 0) return child;
  int code = 99;
  try {
    code = action();
  } catch (const std::exception&) {
  }
  _exit(code);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

class PrepareTogetherTest : public test::PreparationTest {
 protected:
  // Enough for packing to take a noticeable time.
  void write_much_text() {
    write_text(test::make_documents(200'000));
    options_.pieces.chunk_bytes = 1 << 20;
  }

  // Waits until packing has begun to write, and returns where.
  [[nodiscard]] fs::path wait_for_pieces() const {
    for (int i = 0; i < 20'000; ++i) {
      const auto folders = cached("corpus-", ".pieces");
      if (!folders.empty() && fs::exists(folders[0] / "00000-00001.00000.1.chunk"))
        return folders[0];
      usleep(1000);
    }
    ADD_FAILURE() << "packing did not begin";
    return {};
  }
};

TEST_F(PrepareTogetherTest, AnInterruptionKeepsFinishedStagesAndChunks) {
  write_much_text();
  fs::path pieces;
  std::thread stopper([&] {
    pieces = wait_for_pieces();
    interrupt::request_stop(SIGTERM);
  });
  EXPECT_THROW((void)prepare(options_), Interrupted);
  stopper.join();
  EXPECT_TRUE(cached("corpus-").empty());
  const Prepared found = find_prepared(options_);
  EXPECT_FALSE(found.tokenizer_folder.empty());
  interrupt::clear();

  EXPECT_TRUE(fs::exists(pieces / "00000-00001.00000.1.chunk"));
  const Prepared again = prepare(options_);
  EXPECT_FALSE(fs::exists(pieces));
  options_.cache = folder_ / "other-cache";
  EXPECT_EQ(test::contents(again.corpus_folder), test::contents(prepare(options_).corpus_folder));
}

TEST_F(PrepareTogetherTest, AKilledProcessLeavesAUsableCache) {
  write_much_text();
  const pid_t child = start_process([this] { return prepare(options_).reused ? 1 : 0; });
  const fs::path pieces = wait_for_pieces();
  kill(child, SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(wait_for(child)));
  EXPECT_TRUE(find_prepared(options_).corpus_folder.empty());
  const Prepared again = prepare(options_);
  EXPECT_FALSE(fs::exists(pieces));
  options_.cache = folder_ / "other-cache";
  test::expect_same_bytes(again, prepare(options_));
}

TEST_F(PrepareTogetherTest, WhatNobodyWillFinishGoesAway) {
  const Prepared prepared = prepare(options_);
  // One was killed before it removed its pieces, another while it put the pieces together; of the
  // other recipe there are but pieces.
  const fs::path half = options_.cache / "corpus-0123456789abcdef";
  const fs::path pieces = options_.cache / "corpus-0123456789abcdef.pieces";
  const fs::path recent = options_.cache / "selection-0123456789abcdef.pieces";
  const fs::path finished = prepared.corpus_folder.string() + ".pieces";
  for (const fs::path& folder : {half, pieces, recent, finished}) fs::create_directories(folder);
  std::ofstream(lock_of(half)) << "";
  fs::last_write_time(pieces, fs::file_time_type::clock::now() - std::chrono::hours(8 * 24));
  (void)prepare(options_);
  EXPECT_FALSE(fs::exists(half));
  EXPECT_FALSE(fs::exists(pieces));
  EXPECT_FALSE(fs::exists(finished));
  EXPECT_TRUE(fs::exists(recent)) << "somebody may go on with it";
}

TEST_F(PrepareTogetherTest, LeavesAloneWhatAnotherProcessIsMaking) {
  const fs::path busy = options_.cache / "corpus-0123456789abcdef";
  const fs::path foreign = options_.cache / "my-own-things";
  fs::create_directories(busy);
  fs::create_directories(foreign);
  {
    const FileLock held(lock_of(busy));
    (void)prepare(options_);
    EXPECT_TRUE(fs::exists(busy));
  }
  (void)prepare(options_);
  EXPECT_FALSE(fs::exists(busy));
  EXPECT_TRUE(fs::exists(foreign));
}

TEST_F(PrepareTogetherTest, TwoProcessesAtOnceDoTheWorkOnce) {
  write_much_text();
  const auto run = [this] {
    const Prepared prepared = prepare(options_);
    return std::any_of(prepared.stages.begin(), prepared.stages.end(),
                       [](const StageTime& stage) { return stage.name == "packing"; })
               ? 11
               : 10;
  };
  const pid_t first = start_process(run);
  const pid_t second = start_process(run);
  const std::set<int> codes = {WEXITSTATUS(wait_for(first)), WEXITSTATUS(wait_for(second))};
  EXPECT_EQ(codes, (std::set<int>{10, 11}));
  Corpus(find_prepared(options_).corpus_folder).verify();
}

TEST_F(PrepareTogetherTest, PartsShareTheWorkAndMakeTheSameBytes) {
  for (int file = 0; file < 12; ++file) {
    test::write_txt(folder_ / "text" / (std::to_string(file) + ".txt"),
                    test::make_documents(2000 + file));
  }
  options_.tokenizer_file.clear();
  options_.train.vocab_size = 200;
  options_.rules.exact_duplicates = true;
  options_.rules.near_duplicates.emplace();
  options_.rules.repeats = {.bytes = 60};
  options_.pieces.piece_bytes = 100'000;
  const Prepared alone = prepare(options_);

  options_.cache = folder_ / "shared-cache";
  std::vector<pid_t> processes;
  for (std::size_t number = 0; number < 3; ++number) {
    options_.pieces.part = {.number = number, .count = 4};  // the fourth never comes
    processes.push_back(start_process([this] { return prepare(options_).reused ? 10 : 11; }));
  }
  while (cached("selection-", ".pieces").empty() && cached("selection-").empty()) usleep(1000);
  kill(processes[0], SIGKILL);
  wait_for(processes[0]);
  for (const std::size_t survivor : {1, 2}) {
    const int status = wait_for(processes[survivor]);
    EXPECT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 10 || WEXITSTATUS(status) == 11));
  }
  const Prepared shared = find_prepared(options_);
  ASSERT_FALSE(shared.corpus_folder.empty());
  test::expect_same_bytes(alone, shared);
  EXPECT_THAT(cached("", ".pieces"), testing::IsEmpty());
}

TEST_F(PrepareTogetherTest, TwoThreadsAtOnceDoTheWorkOnce) {
  const auto run = [this] { return prepare(options_).reused; };
  auto first = std::async(std::launch::async, run);
  auto second = std::async(std::launch::async, run);
  EXPECT_NE(first.get(), second.get());
}

TEST_F(PrepareTogetherTest, WaitsForAnotherProcessUntilAskedToStop) {
  const Prepared prepared = prepare(options_);
  const FileLock held(lock_of(prepared.corpus_folder));
  EXPECT_TRUE(prepare(options_).reused) << "a finished corpus needs no lock";
  fs::remove_all(prepared.corpus_folder);
  auto waiting = std::async(std::launch::async, [this] { return prepare(options_); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  interrupt::request_stop(SIGINT);
  EXPECT_THROW(waiting.get(), Interrupted);
}

TEST_F(PrepareTogetherTest, AFullDiskLeavesNoCorpus) {
  write_much_text();
  const pid_t child = start_process([this] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1 << 20, 1 << 20};  // no file larger than a mebibyte
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      (void)prepare(options_);
    } catch (const Error& error) {
      return error.exit_code();
    }
    return 0;
  });
  EXPECT_EQ(WEXITSTATUS(wait_for(child)), static_cast<int>(ErrorCode::kStorage));
  EXPECT_TRUE(cached("corpus-").empty());
  EXPECT_EQ(cached("tokenizer-").size(), 1U);
  EXPECT_FALSE(prepare(options_).reused);
}

}  // namespace
}  // namespace cram::corpus
