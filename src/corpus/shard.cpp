#include "cram/corpus/shard.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/base/interrupt.h"

#include "shard_header.h"

namespace cram::corpus {
namespace {

// The position of the first id that is not below `bound`, or the size.
template <class Id>
std::size_t find_out_of_range(std::span<const Id> ids, std::uint64_t bound) {
  const auto bad = [bound](Id id) { return id >= bound; };
  // The largest id is found many times faster than the first bad one.
  if (ids.empty() || !bad(*std::max_element(ids.begin(), ids.end()))) return ids.size();
  return static_cast<std::size_t>(std::find_if(ids.begin(), ids.end(), bad) - ids.begin());
}

}  // namespace

struct Shard::Impl {
  explicit Impl(const std::filesystem::path& path)
      : file(path), map(path), header(ShardHeader::parse(map.bytes(), path)) {
    table = map.bytes().subspan(header.table_offset());
    if (hash64(table.data(), table.size()) != header.table_checksum) {
      fail_damaged(file, header.table_offset(), "table of checksums");
    }
    // The map begins at a page and the header keeps the alignment, so ids can be read in place.
    sequences = map.bytes().data() + ShardHeader::kBytes;
    checked = std::make_unique<std::atomic<bool>[]>(header.blocks());
  }

  template <class Id>
  [[nodiscard]] std::span<const Id> ids(std::uint64_t first, std::uint64_t count) const {
    const std::uint64_t length = header.place.layout.sequence_length;
    return {reinterpret_cast<const Id*>(sequences) + first * length, count * length};
  }

  // Several threads may check a block at the same time: they find the same.
  void check(std::uint64_t block) const {
    if (checked[block].load(std::memory_order_relaxed)) return;
    const ShardLayout& layout = header.place.layout;
    const std::uint64_t first = block * header.block_sequences;
    const std::uint64_t count = std::min(header.block_sequences, header.sequences - first);
    const std::uint64_t start = first * layout.sequence_bytes();
    std::uint64_t expected = 0;
    std::memcpy(&expected, table.data() + 8 * block, 8);
    if (hash64(sequences + start, count * layout.sequence_bytes()) != expected) {
      fail_damaged(file, ShardHeader::kBytes + start,
                   "checksum of block " + std::to_string(block) + " (sequences " +
                       std::to_string(first) + " to " + std::to_string(first + count - 1) + ")");
    }
    const std::size_t bad =
        layout.token_bytes() == 2
            ? find_out_of_range(ids<std::uint16_t>(first, count), layout.vocab_size)
            : find_out_of_range(ids<std::uint32_t>(first, count), layout.vocab_size);
    if (bad < count * layout.sequence_length) {
      fail_damaged(file, ShardHeader::kBytes + start + bad * layout.token_bytes(),
                   "a token id outside the vocabulary of " + std::to_string(layout.vocab_size));
    }
    checked[block].store(true, std::memory_order_relaxed);
  }

  std::filesystem::path file;
  MappedFile map;
  ShardHeader header;
  std::span<const std::byte> table;
  const std::byte* sequences = nullptr;
  std::unique_ptr<std::atomic<bool>[]> checked;  // by block
};

Shard::Shard(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {}
Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;

const ShardPlace& Shard::place() const { return impl_->header.place; }
std::uint64_t Shard::sequences() const { return impl_->header.sequences; }

void Shard::read(std::uint64_t index, std::span<TokenId> tokens) const {
  const ShardLayout& layout = place().layout;
  if (index >= sequences() || tokens.size() != layout.sequence_length) {
    throw Error(ErrorCode::kInternal, impl_->file.string() + ": no sequence " +
                                          std::to_string(index) + " of " +
                                          std::to_string(tokens.size()) + " tokens");
  }
  impl_->check(index / impl_->header.block_sequences);
  if (layout.token_bytes() == 2) {
    std::ranges::copy(impl_->ids<std::uint16_t>(index, 1), tokens.begin());
  } else {
    std::ranges::copy(impl_->ids<std::uint32_t>(index, 1), tokens.begin());
  }
}

void Shard::verify() const {
  for (std::uint64_t block = 0; block < impl_->header.blocks(); ++block) {
    interrupt::throw_if_stopped();
    impl_->check(block);
  }
}

}  // namespace cram::corpus
