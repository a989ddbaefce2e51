// The memory of CPU tensors, kept for the next tensor of its size. A training step takes and frees
// the same large blocks again and again; malloc() would cut them up and spread the step over more
// memory than it needs.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include <c10/core/Allocator.h>

namespace cram::ops {

// For any threads. It outlives its tensors.
class BlockCache final : public c10::Allocator {
 public:
  // Smaller blocks are malloc()'s, which is good at them.
  static constexpr std::size_t kSmallestKept = 64 << 10;

  BlockCache() = default;
  ~BlockCache() override;
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // Aligned to 64 bytes. A kept block is handed out for sizes from three quarters of its own on.
  // Throws c10::Error where memory runs out although all kept blocks have been given back.
  c10::DataPtr allocate(std::size_t bytes) override;
  c10::DeleterFnPtr raw_deleter() const override;
  void copy_data(void* to, const void* from, std::size_t bytes) const override;

  // In kept blocks that no tensor uses. With those in use hardly more than has ever been in use at
  // once, a part in kSlack: before a new block would exceed that, all kept ones are given back, so
  // that malloc() can join them for the sizes that are wanted now.
  static constexpr std::size_t kSlack = 8;
  [[nodiscard]] std::size_t kept_bytes() const;
  // In blocks that tensors use, the small ones left out.
  [[nodiscard]] std::size_t used_bytes() const;

  void give_kept_blocks_back();

 private:
  struct Block;
  using Blocks = std::multimap<std::size_t, Block*>;  // by their size

  Block* take(std::size_t bytes);
  Block* take_kept(std::size_t bytes);
  Block* make(std::size_t bytes);
  void make_room(std::size_t bytes);
  void count_as_used(const Block& block);
  void free_kept();
  void keep(Block* block);
  static void release(void* data);

  mutable std::mutex mutex_;
  Blocks kept_;
  std::size_t kept_bytes_ = 0, used_bytes_ = 0, most_used_bytes_ = 0;
};

}  // namespace cram::ops
