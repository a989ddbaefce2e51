#include "append_file.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cram/base/error.h"

namespace cram::report {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw Error(ErrorCode::kStorage, path.string() + ": " + what + ": " + std::strerror(error),
              full ? "free some disk space" : "check the folder and its permissions");
}

}  // namespace

// O_NONBLOCK keeps a FIFO of that name from blocking the program.
AppendFile::AppendFile(const std::filesystem::path& path)
    : path_(path),
      fd_(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666)) {
  if (fd_ < 0) fail(path_, "cannot open for appending", errno);
}

AppendFile::~AppendFile() { ::close(fd_); }

void AppendFile::append(std::string_view record) {
  while (!record.empty()) {
    const ssize_t written = ::write(fd_, record.data(), record.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_, "cannot write", errno);
    record.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool AppendFile::ends_in_mid_line() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0 || info.st_size == 0) return false;
  char last = '\n';
  return ::pread(fd_, &last, 1, info.st_size - 1) == 1 && last != '\n';
}

}  // namespace cram::report
