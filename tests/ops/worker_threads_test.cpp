#include "cram/ops/worker_threads.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/Parallel.h>

#include "cram/base/cpus.h"

namespace cram::ops {
namespace {

using testing::AnyOfArray;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using Nodes = std::vector<std::vector<int>>;

const Nodes kTwoNodes = {{0, 2, 4, 6}, {1, 3, 5, 7}};

TEST(CpusOfThreads, GoNodeByNode) {
  EXPECT_THAT(cpus_of_threads(8, {0, 1, 2, 3, 4, 5, 6, 7}, kTwoNodes),
              ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
}

TEST(CpusOfThreads, AreAmongTheAllowedOnes) {
  EXPECT_THAT(cpus_of_threads(3, {1, 2, 6}, kTwoNodes), ElementsAre(2, 6, 1));
}

TEST(CpusOfThreads, AreNotChosenWhereAllMemoryIsEquallyNear) {
  EXPECT_THAT(cpus_of_threads(4, {0, 1, 2, 3}, {{0, 1, 2, 3}}), IsEmpty());
  EXPECT_THAT(cpus_of_threads(2, {0, 2}, kTwoNodes), IsEmpty());
  EXPECT_THAT(cpus_of_threads(4, {0, 1, 2, 3}, {}), IsEmpty());
}

TEST(CpusOfThreads, AreNotChosenForThreadsThatLeaveSomeIdleOrAreTooMany) {
  EXPECT_THAT(cpus_of_threads(7, {0, 1, 2, 3, 4, 5, 6, 7}, kTwoNodes), IsEmpty());
  EXPECT_THAT(cpus_of_threads(9, {0, 1, 2, 3, 4, 5, 6, 7}, kTwoNodes), IsEmpty());
}

TEST(CpusOfThreads, AreNotChosenWhereTheMachineTellsOfOtherCpus) {
  EXPECT_THAT(cpus_of_threads(3, {0, 1, 8}, kTwoNodes), IsEmpty());
}

// The CPUs that each thread of this process may run on, as the kernel tells; the caller's first.
Nodes cpus_of_all_threads() {
  Nodes cpus{allowed_cpus()};
  const std::string self = std::to_string(gettid());
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == self) continue;
    std::ifstream status(task.path() / "status");
    const std::string key = "Cpus_allowed_list:\t";
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(key)) cpus.push_back(parse_cpu_list(line.substr(key.size())).value());
    }
  }
  return cpus;
}

TEST(WorkerThreads, StayOnTheirCpusAndTheCallerGoesWhereItLikes) {
  const std::vector<int> all = allowed_cpus();
  if (all.size() < 2) GTEST_SKIP() << "one CPU has no other to stay away from";
  at::set_num_threads(3);
  pin_worker_threads({all[0], all[1], all[0]});
  const Nodes cpus = cpus_of_all_threads();
  EXPECT_EQ(cpus.front(), all);
  EXPECT_THAT(cpus, Contains(ElementsAre(all[1])).Times(1));
  EXPECT_THAT(cpus, Contains(ElementsAre(all[0])).Times(1));
  std::thread([&] { EXPECT_EQ(allowed_cpus(), all); }).join();
}

TEST(WorkerThreads, AreLeftAloneWithoutCpusOrWithUnknownOnes) {
  at::set_num_threads(2);
  const Nodes before = cpus_of_all_threads();
  pin_worker_threads({});
  pin_worker_threads({-1, 1 << 20});
  const Nodes after = cpus_of_all_threads();
  EXPECT_GT(after.size(), 1U);
  EXPECT_THAT(after, Each(AnyOfArray(before)));
}

}  // namespace
}  // namespace cram::ops
