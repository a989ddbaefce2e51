// Reading a regular file piece by piece, without mapping it: a file that shrinks meanwhile is an
// error and not a crash.
#pragma once

#include <cstdint>
#include <filesystem>

namespace cram::checkpoint {

// All errors are Error{kData} naming the file.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }  // when it was opened
  // Exactly `size` bytes from `offset`.
  void read(std::uint64_t offset, void* data, std::uint64_t size) const;

 private:
  std::filesystem::path path_;
  int fd_;
  std::uint64_t size_ = 0;
};

// hash64 of the whole file, in constant memory.
[[nodiscard]] std::uint64_t hash_file(const InputFile& file);

}  // namespace cram::checkpoint
