// Files: whole reads, writes that appear whole or not at all, and read-only memory maps.
//
// All functions throw Error: kData when a file to read is missing or unreadable, kStorage when a
// write fails.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cram/base/error.h"

namespace cram {

// Reads a regular file of at most `max_bytes`; a larger one is an Error.
[[nodiscard]] std::string read_file(const std::filesystem::path& path,
                                    std::uint64_t max_bytes = std::uint64_t{1} << 32);

// Replaces `path` durably: temporary file beside it, fsync, rename, fsync of the folder.
// After a crash the old or the new content is there, never a mixture.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);

// A sequential writer with its own buffer. The file exists under its final name from the start:
// for files inside a folder that itself appears by rename, see replace_folder_atomic.
class FileWriter {
 public:
  explicit FileWriter(const std::filesystem::path& path);
  ~FileWriter();  // Closes without fsync when close() was not called; never throws.
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void write_at(std::uint64_t offset, const void* data, std::size_t size);
  [[nodiscard]] std::uint64_t bytes_written() const { return written_; }
  void close();  // Flushes, fsyncs, closes.

 private:
  void flush();

  std::filesystem::path path_;
  int fd_;
  std::string buffer_;
  std::uint64_t written_ = 0;
};

// Calls `fill` with a fresh empty folder beside `path`, then makes it durable and renames it to
// `path`, replacing what was there. If `fill` throws, the fresh folder is removed.
void replace_folder_atomic(const std::filesystem::path& path,
                           const std::function<void(const std::filesystem::path&)>& fill);

// A read-only map of a whole regular file. The file must not be truncated while it is mapped.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// An exclusive lock on `path` (created when missing), held for the object's life and dropped by
// the kernel if the process dies. Throws InUse, naming the holder's pid and machine, when it is
// taken, and another Error{kStorage} when the file system cannot lock.
class FileLock {
 public:
  class InUse : public Error {
   public:
    using Error::Error;
  };

  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

// Bytes that an unprivileged user may still write on the file system that holds `path` or, when
// that does not exist yet, its nearest existing parent.
[[nodiscard]] std::uint64_t free_disk_bytes(const std::filesystem::path& path);

// Whether `path` is `folder` or would be somewhere in it, links followed.
[[nodiscard]] bool lies_within(const std::filesystem::path& path,
                               const std::filesystem::path& folder);

// Creates the folder and its parents, or throws kStorage.
void make_folders(const std::filesystem::path& path);

}  // namespace cram
