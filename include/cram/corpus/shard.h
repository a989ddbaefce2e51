// One file of a corpus: equally long sequences of token ids, memory-mapped, with a checksum for
// each block of them. The bytes are described in src/corpus/FORMAT.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cram/base/file.h"
#include "cram/corpus/corpus.h"

namespace cram::corpus {

// What all shards of one corpus have in common.
struct ShardLayout {
  std::uint64_t corpus_key = 0;
  std::uint64_t vocab_size = 0;
  std::uint64_t sequence_length = 0;

  // 2 while every id of the vocabulary fits into 16 bits, else 4.
  [[nodiscard]] std::uint64_t token_bytes() const { return vocab_size <= 1U << 16 ? 2 : 4; }
  [[nodiscard]] std::uint64_t sequence_bytes() const { return sequence_length * token_bytes(); }
  // Sequences that share a checksum: about 64 KiB, little enough to check on first use.
  [[nodiscard]] std::uint64_t block_sequences() const;
  bool operator==(const ShardLayout&) const = default;
};

// Where a shard belongs; all of it stands in the header of the file.
struct ShardPlace {
  ShardLayout layout;
  Split split = Split::kTraining;
  std::uint64_t number = 0;  // within the split, from 0

  // "training-00000.shard"
  [[nodiscard]] std::string file_name() const;
  bool operator==(const ShardPlace&) const = default;
};

// Writes place.file_name() into a folder, one sequence after the other. Readers refuse the file
// until close() has written its header. Throws Error{kStorage} when the disk does not take it.
class ShardWriter {
 public:
  ShardWriter(const std::filesystem::path& folder, const ShardPlace& place);

  // One sequence of exactly layout.sequence_length ids, each below layout.vocab_size.
  void append(std::span<const TokenId> sequence);
  [[nodiscard]] std::uint64_t sequences() const { return sequences_; }
  [[nodiscard]] std::uint64_t bytes() const { return sequences_ * place_.layout.sequence_bytes(); }
  void close();

 private:
  void finish_block();

  ShardPlace place_;
  FileWriter file_;
  std::uint64_t sequences_ = 0;
  std::vector<std::uint16_t> narrow_;     // one sequence, where ids have 16 bits
  std::string block_;                     // the block being filled
  std::vector<std::uint64_t> checksums_;  // of the blocks before it
};

// A shard to read; safe to use from many threads. Opening checks the header, the file's size and
// the table of checksums. A block is checked before its first use: its checksum, and that all ids
// are below vocab_size. Every failure is an Error{kData} that names the file and the offset.
class Shard {
 public:
  explicit Shard(const std::filesystem::path& file);
  ~Shard();
  Shard(Shard&&) noexcept;

  [[nodiscard]] const ShardPlace& place() const;
  [[nodiscard]] std::uint64_t sequences() const;
  // Copies sequence `index` into `tokens`, which is layout.sequence_length long.
  void read(std::uint64_t index, std::span<TokenId> tokens) const;
  // Checks every block; stops when the process is asked to stop.
  void verify() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cram::corpus
