#include "checked_file.h"

#include <cstring>
#include <fstream>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::corpus {
namespace {

struct Header {
  std::uint64_t checksum = 0;  // of the count and the items
  std::int64_t count = 0;
};

std::uint64_t checksum_of(std::int64_t count, std::string_view bytes) {
  Hasher hasher;
  hasher.add(&count, sizeof count);
  hasher.add(bytes);
  return hasher.value();
}

}  // namespace

void write_checked(const std::filesystem::path& file, std::int64_t count, std::string_view bytes) {
  const Header header = {.checksum = checksum_of(count, bytes), .count = count};
  std::string content(sizeof header, '\0');
  std::memcpy(content.data(), &header, sizeof header);
  content += bytes;
  write_file_atomic(file, content);
}

std::int64_t count_checked(const std::filesystem::path& file) {
  Header header;
  std::ifstream in(file, std::ios::binary);
  return in.read(reinterpret_cast<char*>(&header), sizeof header) ? header.count : 0;
}

CheckedItems read_checked(const std::filesystem::path& file) {
  std::string content = read_file(file);
  Header header;
  const bool whole = content.size() >= sizeof header;
  if (whole) {
    std::memcpy(&header, content.data(), sizeof header);
    content.erase(0, sizeof header);
  }
  if (!whole || header.checksum != checksum_of(header.count, content)) {
    throw Error(ErrorCode::kData, file.string() + ": damaged",
                "remove its folder and run again to make it anew");
  }
  return {.count = header.count, .bytes = std::move(content)};
}

}  // namespace cram::corpus
