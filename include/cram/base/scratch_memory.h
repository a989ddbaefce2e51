// Memory for more than fits into memory: what is too much of it the kernel keeps on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace cram {

// Zeros at first, in a file without a name, which goes with the object or with the process; less
// than kFewBytes need none. Pages that were not touched for long make room for others. Threads may
// write to different bytes at once.
class ScratchMemory {
 public:
  static constexpr std::uint64_t kFewBytes = std::uint64_t{1} << 20;

  // In `folder`, which must exist. Throws Error{kStorage} when its disk lacks the room, and
  // Interrupted when the process is asked to stop.
  ScratchMemory(std::uint64_t bytes, const std::filesystem::path& folder);
  ~ScratchMemory();
  ScratchMemory(ScratchMemory&& other) noexcept;
  ScratchMemory& operator=(ScratchMemory&& other) noexcept;

  // The same as a copy to bytes(), at less cost where it is much. Throws Error{kStorage}.
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  [[nodiscard]] std::span<std::byte> bytes() { return {data_, size_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  ScratchMemory() = default;

  std::filesystem::path folder_;
  int fd_ = -1;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cram
