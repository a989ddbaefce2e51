// A corpus on disk: packed token sequences of one length in memory-mapped shards, training and
// held-out apart. See src/corpus/FORMAT.md for the bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cram::corpus {

using TokenId = std::uint32_t;

enum class Split { kTraining, kHeldOut };

// Read-only and safe to use from many threads. Every file is checked when it is opened (header,
// size) and each shard's checksum once, in the background of its first use or by verify().
class Corpus {
 public:
  // Opens the folder that prepare() made. Throws Error{kData} with file and place when anything
  // does not fit.
  explicit Corpus(const std::filesystem::path& folder);
  ~Corpus();
  Corpus(Corpus&&) noexcept;

  [[nodiscard]] std::int64_t sequence_length() const;
  [[nodiscard]] std::int64_t vocab_size() const;
  [[nodiscard]] std::int64_t sequences(Split split) const;
  [[nodiscard]] std::int64_t documents(Split split) const;
  // Copies sequence `index` into `tokens` (sequence_length() long).
  void read(Split split, std::int64_t index, std::span<TokenId> tokens) const;
  // A hash of all that determined this corpus; the name of its folder.
  [[nodiscard]] const std::string& key() const;
  // Reads everything and compares checksums. Throws Error{kData} at the first difference.
  void verify() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cram::corpus
