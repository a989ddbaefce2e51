#include "cram/base/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/base/host.h"
#include "cram/base/log.h"

#include "write_at.h"

namespace cram {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorCode code, const std::string& what, const fs::path& path,
                       int error = errno) {
  std::string hint;
  if (error == ENOSPC || error == EDQUOT) hint = "free some disk space; what was saved is intact";
  if (error == EACCES || error == EPERM) hint = "check the permissions of the folder";
  throw Error(code, path.string() + ": " + what + ": " + std::strerror(error), hint);
}

// Closes the descriptor at the end of the scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Opens a regular file; O_NONBLOCK keeps a FIFO of that name from blocking the program.
int open_regular(const fs::path& path, std::uint64_t& size) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fail(ErrorCode::kData, "cannot open", path);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw Error(ErrorCode::kData, path.string() + ": not a regular file");
  }
  size = static_cast<std::uint64_t>(info.st_size);
  return fd;
}

void write_all(int fd, const char* data, std::size_t size, const fs::path& path) {
  while (size > 0) {
    const ssize_t written = ::write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(ErrorCode::kStorage, "cannot write", path);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void sync_folder(const fs::path& path) {
  const fs::path folder = path.empty() ? fs::path(".") : path;
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) {
    fail(ErrorCode::kStorage, "cannot flush to disk", folder);
  }
}

void rename_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail(ErrorCode::kStorage, "cannot rename to", to);
  sync_folder(to.parent_path());
}

// Swaps two folders in one step; false where the file system cannot.
bool exchange(const fs::path& one, const fs::path& other) {
  return ::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0;
}

void remove_old(const fs::path& old, const fs::path& path) {
  std::error_code failed;
  fs::remove_all(old, failed);
  if (!failed) return;
  log::warning(path.string() + ": the old one is now " + old.string() +
               " and cannot be removed: " + failed.message());
}

// A folder cannot be renamed over a full one: the old one steps aside first.
void replace_by_two_renames(const fs::path& temporary, const fs::path& path) {
  const fs::path old = temporary.string() + ".old";
  rename_durably(path, old);
  try {
    rename_durably(temporary, path);
  } catch (...) {
    ::rename(old.c_str(), path.c_str());
    throw;
  }
  remove_old(old, path);
}

// A name beside `path` that no other process uses.
fs::path temporary_beside(const fs::path& path) {
  return path.parent_path() /
         ("." + path.filename().string() + ".partial-" + std::to_string(::getpid()));
}

}  // namespace

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  std::uint64_t size = 0;
  const Descriptor fd(open_regular(path, size));
  if (size > max_bytes) {
    throw Error(ErrorCode::kData, path.string() + ": " + std::to_string(size) +
                                      " bytes, more than the " + std::to_string(max_bytes) +
                                      " that a file of this kind may have");
  }
  std::string content(size, '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = ::read(fd.get(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorCode::kData, "cannot read", path);
    if (got == 0) break;  // The file became shorter meanwhile.
    done += static_cast<std::size_t>(got);
  }
  content.resize(done);
  return content;
}

void write_file_atomic(const fs::path& path, std::string_view content) {
  const fs::path temporary = temporary_beside(path);
  try {
    FileWriter writer(temporary);
    writer.write(content);
    writer.close();
    rename_durably(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

FileWriter::FileWriter(const fs::path& path)
    : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (fd_ < 0) fail(ErrorCode::kStorage, "cannot create", path_);
}

FileWriter::~FileWriter() {
  if (fd_ >= 0) ::close(fd_);
}

void FileWriter::write(const void* data, std::size_t size) {
  constexpr std::size_t kBufferSize = 1 << 20;
  if (buffer_.size() + size > kBufferSize) flush();
  if (size >= kBufferSize) {
    write_all(fd_, static_cast<const char*>(data), size, path_);
  } else {
    buffer_.append(static_cast<const char*>(data), size);
  }
  written_ += size;
}

void FileWriter::write_at(std::uint64_t offset, const void* data, std::size_t size) {
  flush();
  const int error = cram::write_at(fd_, offset, {static_cast<const std::byte*>(data), size});
  if (error != 0) fail(ErrorCode::kStorage, "cannot write", path_, error);
}

void FileWriter::flush() {
  write_all(fd_, buffer_.data(), buffer_.size(), path_);
  buffer_.clear();
}

void FileWriter::close() {
  flush();
  if (::fsync(fd_) != 0) fail(ErrorCode::kStorage, "cannot flush to disk", path_);
  const int fd = std::exchange(fd_, -1);
  if (::close(fd) != 0) fail(ErrorCode::kStorage, "cannot close", path_);
}

void replace_folder_atomic(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  const fs::path temporary = temporary_beside(path);
  std::error_code ignored;
  fs::remove_all(temporary, ignored);
  make_folders(temporary);
  try {
    fill(temporary);
    sync_folder(temporary);
    if (fs::exists(path) && exchange(temporary, path)) {
      sync_folder(path.parent_path());
      remove_old(temporary, path);
    } else if (fs::exists(path)) {
      replace_by_two_renames(temporary, path);
    } else {
      rename_durably(temporary, path);
    }
  } catch (...) {
    fs::remove_all(temporary, ignored);
    throw;
  }
}

MappedFile::MappedFile(const fs::path& path) {
  std::uint64_t size = 0;
  const Descriptor fd(open_regular(path, size));
  if (size == 0) return;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) fail(ErrorCode::kData, "cannot map into memory", path);
  data_ = static_cast<const std::byte*>(data);
  size_ = size;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

FileLock::FileLock(const fs::path& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (fd_ < 0) fail(ErrorCode::kStorage, "cannot create", path);
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int problem = errno;
    if (problem != EWOULDBLOCK) {
      ::close(fd_);
      fail(ErrorCode::kStorage, "cannot lock (is it on a file system without locks?)", path,
           problem);
    }
    std::array<char, 128> holder{};
    [[maybe_unused]] const ssize_t got = ::pread(fd_, holder.data(), holder.size() - 1, 0);
    ::close(fd_);
    throw InUse(ErrorCode::kStorage,
                path.parent_path().string() + ": in use by process " + holder.data(),
                "wait for that process to end, or choose another name= or folder");
  }
  const std::string holder = std::to_string(::getpid()) + " on " + host_name();
  // It only serves the message above; a disk too full for it does not matter.
  [[maybe_unused]] const bool noted =
      ::ftruncate(fd_, 0) == 0 && ::pwrite(fd_, holder.data(), holder.size(), 0) > 0;
}

FileLock::~FileLock() { ::close(fd_); }

std::uint64_t free_disk_bytes(const fs::path& path) {
  fs::path folder = fs::absolute(path);
  while (!fs::exists(folder) && folder.has_relative_path()) folder = folder.parent_path();
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) fail(ErrorCode::kStorage, "cannot ask", folder);
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

bool lies_within(const fs::path& path, const fs::path& folder) {
  const fs::path way = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !way.empty() && *way.begin() != "..";
}

void make_folders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(ErrorCode::kStorage, "cannot create the folder", path, error.value());
}

}  // namespace cram
