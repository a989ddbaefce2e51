#include "input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/base/hash.h"

namespace cram::checkpoint {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorCode::kData, path.string() + ": " + what);
}

}  // namespace

// O_NONBLOCK keeps a FIFO of that name from blocking the program.
InputFile::InputFile(std::filesystem::path path)
    : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ < 0) fail(path_, std::string("cannot open: ") + std::strerror(errno));
  struct stat info {};
  if (::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd_);
    fail(path_, "not a regular file");
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
}

InputFile::~InputFile() { ::close(fd_); }

void InputFile::read(std::uint64_t offset, void* data, std::uint64_t size) const {
  auto* bytes = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::pread(fd_, bytes, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_, std::string("cannot read: ") + std::strerror(errno));
    if (got == 0) fail(path_, "ends at byte " + std::to_string(offset));
    bytes += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::uint64_t>(got);
  }
}

std::uint64_t hash_file(const InputFile& file) {
  constexpr std::uint64_t kPiece = 1 << 20;
  std::vector<char> piece(std::min(kPiece, file.size()));
  Hasher hasher;
  for (std::uint64_t offset = 0; offset < file.size(); offset += kPiece) {
    const std::uint64_t size = std::min(kPiece, file.size() - offset);
    file.read(offset, piece.data(), size);
    hasher.add(piece.data(), size);
  }
  return hasher.value();
}

}  // namespace cram::checkpoint
