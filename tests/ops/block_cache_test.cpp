#include "cram/ops/block_cache.h"

#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ATen/ops/empty.h>
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

TEST(BlockCache, NeverHoldsMoreThanHasBeenInUseAtOnce) {
  BlockCache cache;
  std::vector<c10::DataPtr> tensors;
  for (int i = 0; i < 8; ++i) tensors.push_back(cache.allocate(kMiB));
  tensors.clear();
  EXPECT_EQ(cache.kept_bytes(), 8 * kMiB);
  const c10::DataPtr kept = cache.allocate(kMiB), fits_beside = cache.allocate(kMiB);
  EXPECT_EQ(cache.kept_bytes(), 6 * kMiB);
  const c10::DataPtr large = cache.allocate(3 * kMiB);
  EXPECT_EQ(cache.kept_bytes(), 0U);
  EXPECT_EQ(cache.used_bytes(), 5 * kMiB);
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

TEST(BlockCache, GoesOnWhereMemoryRunsOut) {
  BlockCache cache;
  EXPECT_THROW((void)cache.allocate(std::size_t{1} << 60), c10::Error);
  EXPECT_EQ(cache.used_bytes(), 0U);
  EXPECT_NE(cache.allocate(kMiB).get(), nullptr);
}

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

TEST(TensorMemory, ComesFromBlocksThatAreKept) {
  keep_tensor_memory();
  void* const block = at::empty({1 << 20}).data_ptr();
  EXPECT_EQ(at::empty({1 << 20}).data_ptr(), block);
}

}  // namespace
}  // namespace cram::ops
