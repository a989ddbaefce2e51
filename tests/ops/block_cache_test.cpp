#include "cram/ops/block_cache.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ATen/ops/empty.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#include "cram/ops/tensor_memory.h"

#include "support/tensor_memory.h"

namespace cram::ops {
namespace {

constexpr std::size_t kMiB = 1 << 20;

TEST(BlockCache, HandsAFreedBlockToTheNextTensorOfItsSize) {
  BlockCache cache;
  c10::DataPtr first = cache.allocate(kMiB), second = cache.allocate(kMiB);
  void *const older = first.get(), *const newer = second.get();
  EXPECT_NE(older, newer);
  first.clear();
  second.clear();
  EXPECT_EQ(cache.kept_bytes(), 2 * kMiB);
  const c10::DataPtr third = cache.allocate(kMiB), fourth = cache.allocate(kMiB);
  EXPECT_EQ(third.get(), newer) << "the last one freed is the warmest";
  EXPECT_EQ(fourth.get(), older);
  EXPECT_EQ(cache.kept_bytes(), 0U);
  EXPECT_EQ(cache.used_bytes(), 2 * kMiB);
}

TEST(BlockCache, HandsOutBlocksThatAreALittleLarger) {
  const auto reuses_one_mib_for = [](std::size_t bytes) {
    BlockCache cache;
    cache.allocate(kMiB).clear();
    const c10::DataPtr block = cache.allocate(bytes);
    return cache.used_bytes() == kMiB;  // of the block, not of the tensor
  };
  EXPECT_TRUE(reuses_one_mib_for(kMiB));
  EXPECT_TRUE(reuses_one_mib_for(kMiB / 4 * 3));
  EXPECT_FALSE(reuses_one_mib_for(kMiB / 4 * 3 - 1));
  EXPECT_FALSE(reuses_one_mib_for(kMiB + 1));
}

TEST(BlockCache, HoldsHardlyMoreThanHasBeenInUseAtOnce) {
  BlockCache cache;
  std::vector<c10::DataPtr> tensors;
  for (int i = 0; i < 8; ++i) tensors.push_back(cache.allocate(kMiB));
  tensors.clear();
  EXPECT_EQ(cache.kept_bytes(), 8 * kMiB);
  const c10::DataPtr one = cache.allocate(kMiB), two = cache.allocate(kMiB);
  EXPECT_EQ(cache.kept_bytes(), 6 * kMiB);
  const c10::DataPtr beside = cache.allocate(kMiB / 2);
  EXPECT_EQ(cache.kept_bytes(), 6 * kMiB) << "8.5 in all, where a part in kSlack may be too many";
  const c10::DataPtr large = cache.allocate(3 * kMiB);
  EXPECT_EQ(cache.kept_bytes(), 0U);
  EXPECT_EQ(cache.used_bytes(), 5 * kMiB + kMiB / 2);
}

TEST(BlockCache, GivesBackWhatIsKeptWhenItIsAskedTo) {
  BlockCache cache;
  const c10::DataPtr used = cache.allocate(kMiB);
  cache.allocate(kMiB).clear();
  cache.give_kept_blocks_back();
  EXPECT_EQ(cache.kept_bytes(), 0U);
  EXPECT_EQ(cache.used_bytes(), kMiB);
}

TEST(BlockCache, LeavesSmallBlocksAndNoneToOthers) {
  BlockCache cache;
  (void)cache.allocate(BlockCache::kSmallestKept - 1);
  EXPECT_EQ(cache.kept_bytes(), 0U);
  EXPECT_EQ(cache.allocate(0).get(), nullptr);
}

TEST(BlockCache, AlignsAsLibTorchDoes) {
  BlockCache cache;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, kMiB, kMiB + 3}) {
    const c10::DataPtr block = cache.allocate(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.get()) % 64, 0U);
    std::memset(block.get(), 1, bytes);
  }
  void* const raw = cache.raw_allocate(kMiB);
  std::memset(raw, 1, kMiB);
  cache.raw_deallocate(raw);
  EXPECT_GE(cache.kept_bytes(), kMiB);
}

#ifndef __SANITIZE_ADDRESS__  // which ends the process at such allocations

TEST(BlockCache, GoesOnWhereMemoryRunsOut) {
  BlockCache cache;
  constexpr auto kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t bytes : {std::size_t{1} << 60, kMost - 100, kMost - 63, kMost}) {
    EXPECT_THROW((void)cache.allocate(bytes), c10::Error) << bytes;
  }
  EXPECT_EQ(cache.used_bytes(), 0U);
  EXPECT_NE(cache.allocate(kMiB).get(), nullptr);
}

// In a process that has memory for either block and not for both.
[[noreturn]] void take_what_kept_blocks_leave_no_room_for() {
  constexpr std::size_t kLarge = 512 * kMiB;
  BlockCache cache;
  c10::DataPtr used = cache.allocate(4 * kLarge);  // so that as much may be kept
  used.clear();
  cache.give_kept_blocks_back();
  std::ifstream pages("/proc/self/statm");
  rlim_t taken = 0;
  pages >> taken;
  const rlim_t limit = taken * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + kLarge * 3 / 2;
  const rlimit limits{limit, limit};
  if (setrlimit(RLIMIT_AS, &limits) != 0) std::exit(2);
  cache.allocate(kLarge).clear();
  const bool kept = cache.kept_bytes() == kLarge;
  cache.allocate(kLarge + kMiB).clear();
  std::exit(kept && cache.kept_bytes() == kLarge + kMiB ? 7 : 1);
}

TEST(BlockCache, GivesBackWhatIsKeptBeforeMemoryRunsOut) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(take_what_kept_blocks_leave_no_room_for(), testing::ExitedWithCode(7), "");
}

#endif

TEST(BlockCache, TellsProfilersWhatTensorsUse) {
  BlockCache cache;
  const test::TensorMemory memory;
  for (int i = 0; i < 2; ++i) {
    const c10::DataPtr block = cache.allocate(kMiB);
    EXPECT_EQ(memory.now(), static_cast<std::int64_t>(kMiB));
  }
  EXPECT_EQ(memory.now(), 0);
}

TEST(BlockCache, GivesThreadsBlocksOfTheirOwn) {
  BlockCache cache;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&cache, thread] {
      for (int i = 0; i < 500; ++i) {
        const std::size_t bytes = BlockCache::kSmallestKept * static_cast<std::size_t>(1 + i % 3);
        const c10::DataPtr block = cache.allocate(bytes);
        auto* const numbers = static_cast<unsigned char*>(block.get());
        std::memset(numbers, thread, bytes);
        std::this_thread::yield();
        for (std::size_t at : {std::size_t{0}, bytes / 2, bytes - 1}) {
          ASSERT_EQ(numbers[at], thread);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache.used_bytes(), 0U);
}

// In a process of its own, for other tests have tensors already.
[[noreturn]] void keep_and_give_back() {
  keep_tensor_memory();
  auto* const cache = dynamic_cast<BlockCache*>(c10::GetCPUAllocator());
  if (cache == nullptr) std::exit(1);
  (void)at::empty({1 << 20});
  const bool kept = cache->kept_bytes() == 4 * kMiB;
  give_tensor_memory_back();
  std::exit(kept && cache->kept_bytes() == 0 ? 7 : 2);
}

TEST(TensorMemory, ComesFromBlocksThatAreKept) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  give_tensor_memory_back();  // there is nothing of ours
  EXPECT_EXIT(keep_and_give_back(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace cram::ops
