// An open regular file. Pipes, devices and folders are refused before anything is read from them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

namespace cram::text {

class FileHandle {
 public:
  // Throws Error{kData}.
  explicit FileHandle(const std::filesystem::path& path);
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), bytes_(other.bytes_) {}
  FileHandle& operator=(FileHandle&&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // The descriptor, which the caller closes from now on.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
  std::uint64_t bytes_ = 0;
};

}  // namespace cram::text
