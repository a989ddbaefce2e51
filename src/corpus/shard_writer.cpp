#include <algorithm>
#include <array>
#include <cstdio>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/corpus/shard.h"

#include "shard_header.h"

namespace cram::corpus {

std::uint64_t ShardLayout::block_sequences() const {
  constexpr std::uint64_t kBlockBytes = 64 << 10;
  return std::max<std::uint64_t>(1, kBlockBytes / sequence_bytes());
}

std::string ShardPlace::file_name() const {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "%s-%05llu.shard",
                split == Split::kTraining ? "training" : "held-out",
                static_cast<unsigned long long>(number));
  return name.data();
}

ShardWriter::ShardWriter(const std::filesystem::path& folder, const ShardPlace& place)
    : place_(place), file_(folder / place.file_name()) {
  // Zeros hold the header's place until the rest is known.
  const std::array<std::byte, ShardHeader::kBytes> nothing{};
  file_.write(nothing.data(), nothing.size());
}

void ShardWriter::append(std::span<const TokenId> sequence) {
  const ShardLayout& layout = place_.layout;
  if (sequence.size() != layout.sequence_length) {
    throw Error(ErrorCode::kInternal, "a sequence of " + std::to_string(sequence.size()) +
                                          " tokens in shards of " +
                                          std::to_string(layout.sequence_length));
  }
  if (*std::max_element(sequence.begin(), sequence.end()) >= layout.vocab_size) {
    throw Error(ErrorCode::kInternal, "the tokenizer made an id outside its vocabulary of " +
                                          std::to_string(layout.vocab_size));
  }
  if (layout.token_bytes() == 2) {
    narrow_.resize(sequence.size());
    std::transform(sequence.begin(), sequence.end(), narrow_.begin(),
                   [](TokenId id) { return static_cast<std::uint16_t>(id); });
    block_.append(reinterpret_cast<const char*>(narrow_.data()), layout.sequence_bytes());
  } else {
    block_.append(reinterpret_cast<const char*>(sequence.data()), layout.sequence_bytes());
  }
  ++sequences_;
  if (sequences_ % layout.block_sequences() == 0) finish_block();
}

void ShardWriter::finish_block() {
  checksums_.push_back(hash64(block_));
  file_.write(block_);
  block_.clear();
}

void ShardWriter::close() {
  if (!block_.empty()) finish_block();
  const std::size_t table_bytes = checksums_.size() * sizeof(std::uint64_t);
  ShardHeader header;
  header.place = place_;
  header.sequences = sequences_;
  header.block_sequences = place_.layout.block_sequences();
  header.table_checksum = hash64(checksums_.data(), table_bytes);
  file_.write(checksums_.data(), table_bytes);
  const auto bytes = header.to_bytes();
  file_.write_at(0, bytes.data(), bytes.size());
  file_.close();
}

}  // namespace cram::corpus
