// Files of items whose number and checksum stand before them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace cram::corpus {

struct CheckedItems {
  std::int64_t count = 0;
  std::string bytes;  // of all of them
};

// Durably, and whole or not at all; in the byte order of the machine, which a cache does not leave.
void write_checked(const std::filesystem::path& file, std::int64_t count, std::string_view bytes);
// How many items such a file says it has, without a look at them; 0 where it is too short for that.
[[nodiscard]] std::int64_t count_checked(const std::filesystem::path& file);
// Throws Error{kData} unless the file is there and as it was written.
[[nodiscard]] CheckedItems read_checked(const std::filesystem::path& file);

}  // namespace cram::corpus
