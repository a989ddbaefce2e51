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
// size, table of checksums), and each block of sequences before its first use (checksum, range of
// the token ids) or by verify().
class Corpus {
 public:
  // Opens the folder that prepare() made. Throws Error{kData} with file and place when anything
  // does not fit.
  explicit Corpus(const std::filesystem::path& folder);
  ~Corpus();
  Corpus(Corpus&&) noexcept;

  [[nodiscard]] std::int64_t sequence_length() const;
  [[nodiscard]] std::int64_t vocab_size() const;
  [[nodiscard]] std::int64_t sequences(Split split) const;  // at least 1
  [[nodiscard]] std::int64_t documents(Split split) const;
  // Copies sequence `index` into `tokens` (sequence_length() long). Throws Error{kData} when its
  // block is damaged.
  void read(Split split, std::int64_t index, std::span<TokenId> tokens) const;
  // A hash of all that determined this corpus; its folder is called corpus-<key>.
  [[nodiscard]] const std::string& key() const;
  // Checks every block. Throws Error{kData} at the first that is damaged.
  void verify() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cram::corpus
