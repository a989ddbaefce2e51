#include "shard_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "cram/base/error.h"
#include "cram/base/hash.h"

namespace cram::corpus {
namespace {

// Shards are read in place, so the bytes are those of the machine.
static_assert(std::endian::native == std::endian::little, "shards are little-endian");

constexpr std::array<char, 8> kMagic = {'C', 'R', 'A', 'M', 'S', 'H', 'R', 'D'};
constexpr std::uint32_t kByteOrder = 0x01020304;
constexpr std::uint64_t kMaxSequenceLength = std::uint64_t{1} << 31;
constexpr std::uint64_t kMaxVocabSize = std::uint64_t{1} << 32;

// The header as it lies in the file.
struct RawHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t byte_order = kByteOrder;
  std::uint32_t version = ShardHeader::kVersion;
  std::uint32_t token_bytes = 0;
  std::uint32_t split = 0;
  std::uint64_t number = 0;
  std::uint64_t corpus_key = 0;
  std::uint64_t vocab_size = 0;
  std::uint64_t sequence_length = 0;
  std::uint64_t sequences = 0;
  std::uint64_t block_sequences = 0;
  std::uint64_t table_checksum = 0;
  std::array<std::uint64_t, 5> reserved{};
  std::uint64_t header_checksum = 0;
};
static_assert(sizeof(RawHeader) == ShardHeader::kBytes);

std::uint64_t checksum_of(const RawHeader& raw) {
  return hash64(&raw, offsetof(RawHeader, header_checksum));
}

void check_identity(const RawHeader& raw, const std::filesystem::path& file) {
  if (raw.magic != kMagic) {
    throw Error(ErrorCode::kData, file.string() + ": not a shard (offset 0: other magic bytes)");
  }
  if (raw.byte_order != kByteOrder) {
    fail_damaged(file, offsetof(RawHeader, byte_order), "other byte order");
  }
  if (raw.version != ShardHeader::kVersion) {
    throw Error(ErrorCode::kData,
                file.string() + ": shard format " + std::to_string(raw.version) +
                    ", this cram reads " + std::to_string(ShardHeader::kVersion),
                "run the cram that packed it, or choose another data.cache folder");
  }
  if (raw.header_checksum != checksum_of(raw)) {
    fail_damaged(file, offsetof(RawHeader, header_checksum), "checksum of the header");
  }
}

void check_ranges(const RawHeader& raw, const std::filesystem::path& file) {
  if (raw.vocab_size < 1 || raw.vocab_size > kMaxVocabSize) {
    fail_damaged(file, offsetof(RawHeader, vocab_size), "vocabulary size");
  }
  if (raw.sequence_length < 1 || raw.sequence_length > kMaxSequenceLength) {
    fail_damaged(file, offsetof(RawHeader, sequence_length), "sequence length");
  }
  if (raw.split > 1) fail_damaged(file, offsetof(RawHeader, split), "split");
  if (raw.sequences < 1) fail_damaged(file, offsetof(RawHeader, sequences), "number of sequences");
  if (raw.block_sequences < 1) {
    fail_damaged(file, offsetof(RawHeader, block_sequences), "block size");
  }
}

// Divides before it multiplies: no number in the header can make these overflow.
void check_size(const ShardHeader& header, std::uint64_t size, const std::filesystem::path& file) {
  const std::uint64_t room = (size - ShardHeader::kBytes) / header.place.layout.sequence_bytes();
  if (header.sequences <= room && header.blocks() <= size / 8 && header.file_bytes() == size)
    return;
  throw Error(ErrorCode::kData,
              file.string() + ": " + std::to_string(size) + " bytes are not the " +
                  std::to_string(header.sequences) + " sequences that its header announces",
              "the file was cut or changed: remove its folder and run again to pack the text anew");
}

}  // namespace

void fail_damaged(const std::filesystem::path& file, std::uint64_t offset,
                  const std::string& what) {
  throw Error(ErrorCode::kData,
              file.string() + ": damaged at offset " + std::to_string(offset) + ": " + what,
              "remove its folder and run again to pack the text anew");
}

std::array<std::byte, ShardHeader::kBytes> ShardHeader::to_bytes() const {
  RawHeader raw;
  raw.token_bytes = static_cast<std::uint32_t>(place.layout.token_bytes());
  raw.split = place.split == Split::kTraining ? 0 : 1;
  raw.number = place.number;
  raw.corpus_key = place.layout.corpus_key;
  raw.vocab_size = place.layout.vocab_size;
  raw.sequence_length = place.layout.sequence_length;
  raw.sequences = sequences;
  raw.block_sequences = block_sequences;
  raw.table_checksum = table_checksum;
  raw.header_checksum = checksum_of(raw);
  return std::bit_cast<std::array<std::byte, kBytes>>(raw);
}

ShardHeader ShardHeader::parse(std::span<const std::byte> content,
                               const std::filesystem::path& file) {
  if (content.size() < kBytes) {
    throw Error(ErrorCode::kData, file.string() + ": " + std::to_string(content.size()) +
                                      " bytes are too few for the header of a shard");
  }
  RawHeader raw;
  std::memcpy(&raw, content.data(), kBytes);
  check_identity(raw, file);
  check_ranges(raw, file);
  ShardHeader header;
  header.place = {.layout = {.corpus_key = raw.corpus_key,
                             .vocab_size = raw.vocab_size,
                             .sequence_length = raw.sequence_length},
                  .split = raw.split == 0 ? Split::kTraining : Split::kHeldOut,
                  .number = raw.number};
  header.sequences = raw.sequences;
  header.block_sequences = raw.block_sequences;
  header.table_checksum = raw.table_checksum;
  if (raw.token_bytes != header.place.layout.token_bytes()) {
    fail_damaged(file, offsetof(RawHeader, token_bytes), "width of a token");
  }
  check_size(header, content.size(), file);
  return header;
}

}  // namespace cram::corpus
