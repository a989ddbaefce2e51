#include "cram/base/scratch_memory.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cram/base/error.h"

namespace cram {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& folder, int error) {
  throw Error(ErrorCode::kStorage, folder.string() + ": " + what + ": " + std::strerror(error),
              error == ENOSPC || error == EDQUOT ? "free some disk space" : "");
}

// Not every file system has files that never had a name.
int open_unnamed(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string name = (folder / ".scratch-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

// Takes the room at once where the file system can: later, a full disk would end the process.
int reserve(int fd, std::uint64_t bytes) {
  const auto size = static_cast<off_t>(bytes);
  if (::fallocate(fd, 0, 0, size) == 0) return 0;
  if (errno != EOPNOTSUPP) return errno;
  return ::ftruncate(fd, size) == 0 ? 0 : errno;
}

}  // namespace

ScratchMemory::ScratchMemory(std::uint64_t bytes, const fs::path& folder)
    : folder_(folder), size_(bytes) {
  if (bytes == 0) return;
  int error = 0;
  if (bytes >= kFewBytes) {
    fd_ = open_unnamed(folder);
    if (fd_ < 0) fail("cannot create a file", folder, errno);
    error = reserve(fd_, bytes);
  }
  void* data = MAP_FAILED;
  if (error == 0) {
    const int kind = fd_ < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kind, fd_, 0);
    if (data == MAP_FAILED) error = errno;
  }
  if (error != 0) {
    if (fd_ >= 0) ::close(fd_);
    fail("cannot make a file of " + std::to_string(bytes) + " bytes", folder, error);
  }
  data_ = static_cast<std::byte*>(data);
}

ScratchMemory::~ScratchMemory() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (fd_ >= 0) ::close(fd_);
}

ScratchMemory::ScratchMemory(ScratchMemory&& other) noexcept
    : folder_(std::move(other.folder_)),
      fd_(std::exchange(other.fd_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

ScratchMemory& ScratchMemory::operator=(ScratchMemory&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(fd_, other.fd_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void ScratchMemory::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (fd_ < 0) std::copy(bytes.begin(), bytes.end(), data_ + offset), bytes = {};
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write to a file", folder_, errno);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace cram
