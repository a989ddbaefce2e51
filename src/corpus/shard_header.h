// The first 128 bytes of a shard and what they say about the rest of the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "cram/corpus/shard.h"

namespace cram::corpus {

struct ShardHeader {
  static constexpr std::size_t kBytes = 128;
  static constexpr std::uint32_t kVersion = 1;

  ShardPlace place;
  std::uint64_t sequences = 0;
  std::uint64_t block_sequences = 0;
  std::uint64_t table_checksum = 0;

  // Offsets in the file; the table of block checksums follows the sequences.
  [[nodiscard]] std::uint64_t blocks() const { return 1 + (sequences - 1) / block_sequences; }
  [[nodiscard]] std::uint64_t table_offset() const {
    return kBytes + sequences * place.layout.sequence_bytes();
  }
  [[nodiscard]] std::uint64_t file_bytes() const { return table_offset() + 8 * blocks(); }

  [[nodiscard]] std::array<std::byte, kBytes> to_bytes() const;
  // Believes nothing: whatever `content` holds, the offsets above lie inside it afterwards.
  // Throws Error{kData} that names `file`, the offset and what is wrong there.
  [[nodiscard]] static ShardHeader parse(std::span<const std::byte> content,
                                         const std::filesystem::path& file);
};

// "<file>: damaged at offset N: what", with a hint how to get a good one.
[[noreturn]] void fail_damaged(const std::filesystem::path& file, std::uint64_t offset,
                               const std::string& what);

}  // namespace cram::corpus
