#include "checked_file.h"

#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::corpus {
namespace {

struct Header {
  std::uint64_t checksum = 0;  // of the items and their number
  std::int64_t count = 0;
};

// What a file's header says; nothing where it does not fit the rest.
std::optional<Header> find_header(std::string_view content) {
  Header header;
  if (content.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, content.data(), sizeof header);
  Hasher hasher;
  hasher.add(content.substr(sizeof header));
  hasher.add(&header.count, sizeof header.count);
  if (header.checksum != hasher.value()) return std::nullopt;
  return header;
}

[[noreturn]] void refuse_damaged(const std::filesystem::path& file) {
  throw Error(ErrorCode::kData, file.string() + ": damaged",
              "remove its folder and run again to make it anew");
}

std::string_view view(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

}  // namespace

void write_checked(const std::filesystem::path& file, std::int64_t count, std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes);
  hasher.add(&count, sizeof count);
  const Header header = {.checksum = hasher.value(), .count = count};
  std::string content(sizeof header, '\0');
  std::memcpy(content.data(), &header, sizeof header);
  content += bytes;
  write_file_atomic(file, content);
}

CheckedWriter::CheckedWriter(const std::filesystem::path& file) : writer_(file) {
  const Header header;
  writer_.write(&header, sizeof header);
}

void CheckedWriter::add(std::string_view item) {
  writer_.write(item);
  hasher_.add(item);
  ++count_;
}

void CheckedWriter::close() {
  hasher_.add(&count_, sizeof count_);
  const Header header = {.checksum = hasher_.value(), .count = count_};
  writer_.write_at(0, &header, sizeof header);
  writer_.close();
}

std::int64_t count_checked(const std::filesystem::path& file) {
  Header header;
  std::ifstream in(file, std::ios::binary);
  return in.read(reinterpret_cast<char*>(&header), sizeof header) ? header.count : 0;
}

CheckedItems read_checked(const std::filesystem::path& file) {
  std::string content = read_file(file);
  const std::optional<Header> header = find_header(content);
  if (!header) refuse_damaged(file);
  content.erase(0, sizeof *header);
  return {.count = header->count, .bytes = std::move(content)};
}

CheckedMap::CheckedMap(const std::filesystem::path& file) : file_(file) {
  if (!find_header(view(file_))) refuse_damaged(file);
}

std::string_view CheckedMap::bytes() const { return view(file_).substr(sizeof(Header)); }

}  // namespace cram::corpus
