// The memory of CPU tensors, kept for the next tensor of its size. A training step takes and frees
// the same large blocks again and again, from several threads; malloc() would cut them up, give
// them back to the kernel and fault them in anew.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include <c10/core/Allocator.h>

namespace cram::ops {

class BlockCache final : public c10::Allocator {
 public:
  // Smaller blocks are malloc()'s, which is good at them.
  static constexpr std::size_t kSmallestKept = 64 << 10;

  // Aligned to 64 bytes. A kept block is handed out for sizes from three quarters of its own on.
  // Throws as LibTorch's own allocator does where memory runs out.
  c10::DataPtr allocate(std::size_t bytes) override;
  c10::DeleterFnPtr raw_deleter() const override;
  void copy_data(void* to, const void* from, std::size_t bytes) const override;

  // In kept blocks that no tensor uses. With those in use hardly more than has been in use at once,
  // a part in kSlack: before a new block would exceed that, all kept ones are given back, so that
  // malloc() can join them for the sizes that are wanted now.
  static constexpr std::size_t kSlack = 8;
  [[nodiscard]] std::size_t kept_bytes() const;
  // In blocks that tensors use, the small ones left out.
  [[nodiscard]] std::size_t used_bytes() const;

 private:
  struct Block;

  Block* take(std::size_t bytes);
  Block* take_kept(std::size_t bytes);
  void make_room(std::size_t bytes);
  void give_back(Block* block);
  static void release(void* data);

  mutable std::mutex mutex_;
  std::multimap<std::size_t, Block*> kept_;  // by their size
  std::size_t kept_bytes_ = 0, used_bytes_ = 0, most_used_bytes_ = 0;
};

}  // namespace cram::ops
