#include "cram/ops/block_cache.h"

#include <algorithm>
#include <new>
#include <utility>

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include "cram/ops/tensor_memory.h"

namespace cram::ops {

// Stands before the numbers, whose alignment it keeps.
struct alignas(64) BlockCache::Block {
  BlockCache* owner;  // null: a small block
  std::size_t bytes;  // of the numbers that there is room for
  // Of the kept blocks, while this is none of them: freeing a tensor must not need memory.
  Blocks::node_type node = {};

  [[nodiscard]] void* data() { return this + 1; }

  static Block* make(BlockCache* owner, std::size_t bytes) {
    // Sizes that would wrap around are refused as they are.
    return new (c10::alloc_cpu(std::max(bytes, sizeof(Block) + bytes))) Block{owner, bytes};
  }
  static Block* of(void* data) { return static_cast<Block*>(data) - 1; }
  static void free(Block* block) {
    block->~Block();
    c10::free_cpu(block);
  }
};

BlockCache::~BlockCache() { free_kept(); }

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

void BlockCache::give_kept_blocks_back() {
  const std::scoped_lock lock(mutex_);
  free_kept();
}

BlockCache::Block* BlockCache::take(std::size_t bytes) {
  {
    const std::scoped_lock lock(mutex_);
    if (Block* const kept = take_kept(bytes)) {
      count_as_used(*kept);
      return kept;
    }
    make_room(bytes);
  }
  Block* const made = make(bytes);
  const std::scoped_lock lock(mutex_);
  count_as_used(*made);
  return made;
}

// The smallest that is large enough, unless too much of it would lie idle; of equals the last one
// that was freed, which is still in the processor's caches.
BlockCache::Block* BlockCache::take_kept(std::size_t bytes) {
  const auto found = kept_.lower_bound(bytes);
  if (found == kept_.end() || found->first / 4 * 3 > bytes) return nullptr;
  Block* const block = found->second;
  block->node = kept_.extract(found);
  kept_bytes_ -= block->bytes;
  return block;
}

BlockCache::Block* BlockCache::make(std::size_t bytes) {
  Blocks entry;
  const auto place = entry.emplace(bytes, nullptr);
  try {
    place->second = Block::make(this, bytes);
  } catch (const c10::Error&) {
    give_kept_blocks_back();  // what they take may be what is missing
    place->second = Block::make(this, bytes);
  }
  Block* const block = place->second;
  block->node = entry.extract(place);
  return block;
}

void BlockCache::make_room(std::size_t bytes) {
  const std::size_t most = most_used_bytes_ + most_used_bytes_ / kSlack;
  if (used_bytes_ + bytes + kept_bytes_ > most) free_kept();
}

void BlockCache::count_as_used(const Block& block) {
  used_bytes_ += block.bytes;
  most_used_bytes_ = std::max(most_used_bytes_, used_bytes_);
}

void BlockCache::free_kept() {
  for (const auto& [size, block] : kept_) Block::free(block);
  kept_.clear();
  kept_bytes_ = 0;
}

void BlockCache::keep(Block* block) {
  const std::scoped_lock lock(mutex_);
  used_bytes_ -= block->bytes;
  kept_bytes_ += block->bytes;
  kept_.insert(kept_.lower_bound(block->bytes), std::move(block->node));
}

void BlockCache::release(void* data) {
  if (data == nullptr) return;
  c10::profiledCPUMemoryReporter().Delete(data);
  Block* const block = Block::of(data);
  if (block->owner == nullptr) {
    Block::free(block);
  } else {
    block->owner->keep(block);
  }
}

void keep_tensor_memory() {
  // Tensors may outlive main().
  c10::SetCPUAllocator(new BlockCache, /*priority=*/1);
}

void give_tensor_memory_back() {
  if (auto* const cache = dynamic_cast<BlockCache*>(c10::GetCPUAllocator())) {
    cache->give_kept_blocks_back();
  }
}

}  // namespace cram::ops
