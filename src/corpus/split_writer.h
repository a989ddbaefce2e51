// The stream of tokens of one split, cut into sequences and written to shards of limited size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "cram/corpus/shard.h"

namespace cram::corpus {

class SplitWriter {
 public:
  // A shard is full when it holds `shard_bytes` of sequences (at least one sequence).
  SplitWriter(std::filesystem::path folder, const ShardLayout& layout, Split split,
              std::uint64_t shard_bytes);

  void append(std::span<const TokenId> tokens);
  // Drops what fills no sequence and returns the number of sequences in each shard.
  [[nodiscard]] std::vector<std::int64_t> close();

 private:
  void write(std::span<const TokenId> sequence);
  void finish_shard();

  std::filesystem::path folder_;
  ShardPlace next_;
  std::uint64_t shard_bytes_;
  std::optional<ShardWriter> shard_;
  std::vector<TokenId> rest_;  // shorter than a sequence
  std::vector<std::int64_t> finished_;
};

}  // namespace cram::corpus
