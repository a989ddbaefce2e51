#include "cram/base/scratch_memory.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

#include "write_at.h"

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

// Returns an error's number, or 0.
int write_zeros(int fd, std::uint64_t bytes) {
  const std::vector<std::byte> zeros(std::size_t{1} << 20);
  for (std::uint64_t begin = 0; begin < bytes; begin += zeros.size()) {
    const std::uint64_t size = std::min<std::uint64_t>(zeros.size(), bytes - begin);
    if (const int error = write_at(fd, begin, std::span(zeros).first(size))) return error;
  }
  return 0;
}

// Takes the room at once: later, a full disk would end the process.
int reserve(int fd, std::uint64_t bytes) {
  while (::fallocate(fd, 0, 0, static_cast<off_t>(bytes)) != 0) {
    if (errno == EOPNOTSUPP) return write_zeros(fd, bytes);
    if (errno != EINTR) return errno;
    interrupt::throw_if_stopped();
  }
  return 0;
}

}  // namespace

// From here on the destructor closes what is open when something throws.
ScratchMemory::ScratchMemory(std::uint64_t bytes, const fs::path& folder) : ScratchMemory() {
  if (bytes == 0) return;
  folder_ = folder;
  int kind = MAP_PRIVATE | MAP_ANONYMOUS;
  if (bytes >= kFewBytes) {
    kind = MAP_SHARED;
    fd_ = open_unnamed(folder);
    if (fd_ < 0) fail("cannot create a file", folder, errno);
    if (const int error = reserve(fd_, bytes)) {
      fail("cannot make a file of " + std::to_string(bytes) + " bytes", folder, error);
    }
  }
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kind, fd_, 0);
  if (data == MAP_FAILED) {
    fail("cannot map " + std::to_string(bytes) + " bytes into memory", folder, errno);
  }
  data_ = static_cast<std::byte*>(data);
  size_ = bytes;
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
  if (fd_ < 0) {
    std::copy(bytes.begin(), bytes.end(), data_ + offset);
  } else if (const int error = write_at(fd_, offset, bytes)) {
    fail("cannot write to a file", folder_, error);
  }
}

}  // namespace cram
