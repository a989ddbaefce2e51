#include "memory_file.h"

#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cram/base/error.h"

namespace cram::tokenizer {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw Error(ErrorCode::kInternal, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

MemoryFile::MemoryFile() : descriptor_(::memfd_create("cram", MFD_CLOEXEC)) {
  if (descriptor_ < 0) throw_errno("cannot make a file in memory");
}

MemoryFile::~MemoryFile() { ::close(descriptor_); }

void MemoryFile::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) throw_errno("cannot write to a file in memory");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string MemoryFile::read() const {
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0) throw_errno("cannot read a file in memory");
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw_errno("cannot read a file in memory");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace cram::tokenizer
