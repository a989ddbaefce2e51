// Files of items whose checksum and number stand before them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::corpus {

struct CheckedItems {
  std::int64_t count = 0;
  std::string bytes;  // of all of them
};

// Durably, and whole or not at all; in the byte order of the machine, which a cache does not leave.
void write_checked(const std::filesystem::path& file, std::int64_t count, std::string_view bytes);

// Writes such a file item by item.
class CheckedWriter {
 public:
  explicit CheckedWriter(const std::filesystem::path& file);

  void add(std::string_view item);
  // Durably. Until then the file counts as damaged.
  void close();

 private:
  FileWriter writer_;
  Hasher hasher_;
  std::int64_t count_ = 0;
};

// How many items such a file says it has, without a look at them; 0 where it is too short for that.
[[nodiscard]] std::int64_t count_checked(const std::filesystem::path& file);
// Throws Error{kData} unless the file is there and as it was written.
[[nodiscard]] CheckedItems read_checked(const std::filesystem::path& file);

// The bytes of such a file, left where they are.
class CheckedMap {
 public:
  // Throws as read_checked() does.
  explicit CheckedMap(const std::filesystem::path& file);

  [[nodiscard]] std::string_view bytes() const;

 private:
  MappedFile file_;
};

}  // namespace cram::corpus
