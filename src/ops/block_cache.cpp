#include "cram/ops/block_cache.h"

#include <algorithm>
#include <new>

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include "cram/ops/tensor_memory.h"

namespace cram::ops {

// Stands before the numbers, whose alignment it keeps.
struct alignas(64) BlockCache::Block {
  BlockCache* owner;  // null: a small block
  std::size_t bytes;  // of the numbers that there is room for

  [[nodiscard]] void* data() { return this + 1; }

  static Block* make(BlockCache* owner, std::size_t bytes) {
    return new (c10::alloc_cpu(sizeof(Block) + bytes)) Block{owner, bytes};
  }
  static Block* of(void* data) { return static_cast<Block*>(data) - 1; }
};

c10::DataPtr BlockCache::allocate(std::size_t bytes) {
  if (bytes == 0) return {nullptr, nullptr, &release, c10::kCPU};
  Block* const block = bytes < kSmallestKept ? Block::make(nullptr, bytes) : take(bytes);
  c10::profiledCPUMemoryReporter().New(block->data(), bytes);
  return {block->data(), block->data(), &release, c10::kCPU};
}

c10::DeleterFnPtr BlockCache::raw_deleter() const { return &release; }

void BlockCache::copy_data(void* to, const void* from, std::size_t bytes) const {
  default_copy_data(to, from, bytes);
}

std::size_t BlockCache::kept_bytes() const {
  const std::scoped_lock lock(mutex_);
  return kept_bytes_;
}

std::size_t BlockCache::used_bytes() const {
  const std::scoped_lock lock(mutex_);
  return used_bytes_;
}

BlockCache::Block* BlockCache::take(std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  Block* block = take_kept(bytes);
  if (block == nullptr) {
    make_room(bytes);
    block = Block::make(this, bytes);
  }
  used_bytes_ += block->bytes;
  most_used_bytes_ = std::max(most_used_bytes_, used_bytes_);
  return block;
}

// The smallest that is large enough, unless too much of it would lie idle; of equals the last one
// that was freed, which is still in the processor's caches.
BlockCache::Block* BlockCache::take_kept(std::size_t bytes) {
  const auto found = kept_.lower_bound(bytes);
  if (found == kept_.end() || found->first / 4 * 3 > bytes) return nullptr;
  Block* const block = found->second;
  kept_.erase(found);
  kept_bytes_ -= block->bytes;
  return block;
}

void BlockCache::make_room(std::size_t bytes) {
  if (used_bytes_ + bytes + kept_bytes_ <= most_used_bytes_ + most_used_bytes_ / kSlack) return;
  for (const auto& [size, block] : kept_) c10::free_cpu(block);
  kept_.clear();
  kept_bytes_ = 0;
}

void BlockCache::give_back(Block* block) {
  const std::scoped_lock lock(mutex_);
  used_bytes_ -= block->bytes;
  kept_bytes_ += block->bytes;
  kept_.emplace_hint(kept_.lower_bound(block->bytes), block->bytes, block);
}

void BlockCache::release(void* data) {
  if (data == nullptr) return;
  c10::profiledCPUMemoryReporter().Delete(data);
  Block* const block = Block::of(data);
  if (block->owner == nullptr) {
    c10::free_cpu(block);
  } else {
    block->owner->give_back(block);
  }
}

void keep_tensor_memory() {
  static BlockCache* const cache = new BlockCache;  // tensors may outlive main()
  c10::SetCPUAllocator(cache, /*priority=*/1);
}

}  // namespace cram::ops
