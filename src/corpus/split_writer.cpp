#include "split_writer.h"

#include <algorithm>
#include <utility>

namespace cram::corpus {

SplitWriter::SplitWriter(std::filesystem::path folder, const ShardLayout& layout, Split split,
                         std::uint64_t shard_bytes)
    : folder_(std::move(folder)),
      next_{.layout = layout, .split = split, .number = 0},
      shard_bytes_(shard_bytes) {}

void SplitWriter::append(std::span<const TokenId> tokens) {
  const std::uint64_t length = next_.layout.sequence_length;
  if (!rest_.empty()) {
    const std::size_t missing = std::min(tokens.size(), length - rest_.size());
    rest_.insert(rest_.end(), tokens.begin(),
                 tokens.begin() + static_cast<std::ptrdiff_t>(missing));
    tokens = tokens.subspan(missing);
    if (rest_.size() < length) return;
    write(rest_);
    rest_.clear();
  }
  for (; tokens.size() >= length; tokens = tokens.subspan(length)) write(tokens.first(length));
  rest_.assign(tokens.begin(), tokens.end());
}

void SplitWriter::write(std::span<const TokenId> sequence) {
  if (!shard_) shard_.emplace(folder_, next_);
  shard_->append(sequence);
  if (shard_->bytes() + next_.layout.sequence_bytes() > shard_bytes_) finish_shard();
}

void SplitWriter::finish_shard() {
  shard_->close();
  finished_.push_back(static_cast<std::int64_t>(shard_->sequences()));
  shard_.reset();
  ++next_.number;
}

std::vector<std::int64_t> SplitWriter::close() {
  if (shard_) finish_shard();
  return std::move(finished_);
}

}  // namespace cram::corpus
