#include "cram/corpus/corpus.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/corpus/manifest.h"
#include "cram/corpus/shard.h"

namespace cram::corpus {
namespace {

// The shards of one split, and where each begins.
class ShardList {
 public:
  ShardList(const std::filesystem::path& folder, const Manifest& manifest, Split split) {
    for (const std::int64_t sequences : manifest.split(split).shards) {
      const ShardPlace place = {
          .layout = manifest.layout, .split = split, .number = shards_.size()};
      const std::filesystem::path file = folder / place.file_name();
      Shard shard(file);
      if (shard.place() != place || shard.sequences() != static_cast<std::uint64_t>(sequences)) {
        throw Error(ErrorCode::kData, file.string() + ": belongs to another corpus or place",
                    "remove the folder and run again to pack the text anew");
      }
      shards_.push_back(std::move(shard));
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + sequences);
    }
  }

  void read(std::int64_t index, std::span<TokenId> tokens) const {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), index);
    if (index < 0 || end == ends_.end()) {
      throw Error(ErrorCode::kInternal, "no sequence " + std::to_string(index) + " among " +
                                            std::to_string(ends_.back()));
    }
    const auto shard = static_cast<std::size_t>(end - ends_.begin());
    const std::int64_t start = shard == 0 ? 0 : ends_[shard - 1];
    shards_[shard].read(static_cast<std::uint64_t>(index - start), tokens);
  }

  void verify() const {
    for (const Shard& shard : shards_) shard.verify();
  }

 private:
  std::vector<Shard> shards_;
  std::vector<std::int64_t> ends_;
};

}  // namespace

struct Corpus::Impl {
  explicit Impl(const std::filesystem::path& folder)
      : manifest(Manifest::read(folder)),
        key(manifest.key()),
        training(folder, manifest, Split::kTraining),
        held_out(folder, manifest, Split::kHeldOut) {}

  [[nodiscard]] const ShardList& shards(Split split) const {
    return split == Split::kTraining ? training : held_out;
  }

  Manifest manifest;
  std::string key;
  ShardList training;
  ShardList held_out;
};

Corpus::Corpus(const std::filesystem::path& folder) : impl_(std::make_unique<Impl>(folder)) {}
Corpus::~Corpus() = default;
Corpus::Corpus(Corpus&&) noexcept = default;

std::int64_t Corpus::sequence_length() const {
  return static_cast<std::int64_t>(impl_->manifest.layout.sequence_length);
}

std::int64_t Corpus::vocab_size() const {
  return static_cast<std::int64_t>(impl_->manifest.layout.vocab_size);
}

std::int64_t Corpus::sequences(Split split) const { return impl_->manifest.split(split).sequences; }
std::int64_t Corpus::documents(Split split) const { return impl_->manifest.split(split).documents; }

void Corpus::read(Split split, std::int64_t index, std::span<TokenId> tokens) const {
  impl_->shards(split).read(index, tokens);
}

const std::string& Corpus::key() const { return impl_->key; }

void Corpus::verify() const {
  impl_->training.verify();
  impl_->held_out.verify();
}

}  // namespace cram::corpus
