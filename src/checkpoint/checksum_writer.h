// A file writer that knows what it wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::checkpoint {

struct FileRecord {
  std::uint64_t size = 0;
  std::uint64_t xxh3 = 0;
  bool operator==(const FileRecord&) const = default;
};

// Errors are those of FileWriter.
class ChecksumWriter {
 public:
  explicit ChecksumWriter(const std::filesystem::path& path) : writer_(path) {}
  void write(const void* data, std::size_t size) {
    writer_.write(data, size);
    hasher_.add(data, size);
  }
  void write(std::string_view text) { write(text.data(), text.size()); }
  // Flushes to the disk and closes.
  FileRecord close() {
    writer_.close();
    return {writer_.bytes_written(), hasher_.value()};
  }

 private:
  FileWriter writer_;
  Hasher hasher_;
};

}  // namespace cram::checkpoint
