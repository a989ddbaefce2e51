// The bytes of a file, decompressed on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace cram::text {

enum class Compression { kNone, kGzip, kBzip2, kXz, kZstd };

// Used by one thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Stores up to `size` > 0 bytes at `to` and says how many; 0 at the end and where the rest
  // cannot be decoded. Throws Error{kData} when the disk fails.
  virtual std::size_t read(char* to, std::size_t size) = 0;
  // After the end: why it came too early; empty when the stream is whole.
  [[nodiscard]] virtual const std::string& damage() const = 0;
  // Bytes of the file on disk used so far.
  [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
};

// Concatenated streams (gzip members, zstd frames, …) read as one. Memory stays flat whatever the
// stream claims to hold. Throws Error{kData} when the file cannot be opened, is no regular file, or
// does not begin as `compression` does.
[[nodiscard]] std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path,
                                                     Compression compression);

}  // namespace cram::text
