#include "archive_source.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include "cram/base/error.h"

namespace cram::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlockBytes = 128 << 10;

struct Codec {
  const char* name;
  std::string_view magic;
  int filter;
};

Codec codec_of(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return {"gzip", "\x1F\x8B"sv, ARCHIVE_FILTER_GZIP};
    case Compression::kBzip2:
      return {"bzip2", "BZh"sv, ARCHIVE_FILTER_BZIP2};
    case Compression::kXz:
      return {"xz",
              "\xFD"
              "7zXZ\0"sv,
              ARCHIVE_FILTER_XZ};
    case Compression::kZstd:
      return {"zstd", "\x28\xB5\x2F\xFD"sv, ARCHIVE_FILTER_ZSTD};
    case Compression::kNone:
      break;
  }
  throw Error(ErrorCode::kInternal, "no codec for an uncompressed file");
}

// Parallel compressors put a skippable frame (RFC 8878, 3.1.2) before the first zstd frame.
bool is_skippable_zstd(std::string_view start) {
  return start.size() == 4 && (start[0] & 0xF0) == 0x50 && start.substr(1) == "\x2A\x4D\x18"sv;
}

void check_magic(const FileHandle& file, const Codec& codec, const std::string& path) {
  char start[8];
  const ssize_t got = ::pread(file.fd(), start, codec.magic.size(), 0);
  const std::string_view found(start, got < 0 ? 0 : static_cast<std::size_t>(got));
  if (found == codec.magic) return;
  if (codec.filter == ARCHIVE_FILTER_ZSTD && is_skippable_zstd(found)) return;
  throw Error(ErrorCode::kData,
              path + (found.empty() ? " is empty, not " : " does not begin as ") + codec.name +
                  " data" + (found.empty() ? "" : " does"),
              "download or compress it again, or give it the name of what it is");
}

}  // namespace

void ArchiveSource::Free::operator()(archive* stream) const { archive_read_free(stream); }

ArchiveSource::ArchiveSource(const std::filesystem::path& path, Compression compression)
    : file_(path), stream_(archive_read_new()) {
  if (stream_ == nullptr) throw std::bad_alloc();
  check_magic(file_, codec_of(compression), path.string());
  open_stream(compression);
}

// A stream that fails here is damaged near its start; finish() says how. Opening already decodes
// the first block, and succeeds with an error set when that breaks off.
void ArchiveSource::open_stream(Compression compression) {
  archive* const stream = stream_.get();
  archive_entry* entry = nullptr;
  if (archive_read_append_filter(stream, codec_of(compression).filter) != ARCHIVE_OK ||
      archive_read_support_format_raw(stream) != ARCHIVE_OK ||
      archive_read_support_format_empty(stream) != ARCHIVE_OK) {
    throw Error(ErrorCode::kInternal, std::string("libarchive: ") + archive_error_string(stream));
  }
  if (archive_read_open_fd(stream, file_.fd(), kBlockBytes) != ARCHIVE_OK ||
      archive_error_string(stream) != nullptr ||
      archive_read_next_header(stream, &entry) != ARCHIVE_OK) {
    finish();
  }
}

std::size_t ArchiveSource::read(char* to, std::size_t size) {
  while (block_size_ == 0) {
    if (finished_ || !next_block()) return 0;
  }
  const std::size_t taken = std::min(size, block_size_);
  std::memcpy(to, block_, taken);
  block_ += taken;
  block_size_ -= taken;
  return taken;
}

bool ArchiveSource::next_block() {
  const void* block = nullptr;
  la_int64_t offset = 0;
  if (archive_read_data_block(stream_.get(), &block, &block_size_, &offset) != ARCHIVE_OK) {
    block_size_ = 0;
    finish();
    return false;
  }
  block_ = static_cast<const char*>(block);
  return true;
}

// libarchive ends a stream without an error where the next member does not begin as it should or a
// trailer is cut: then a part of the file is left.
void ArchiveSource::finish() {
  finished_ = true;
  const char* const error = archive_error_string(stream_.get());
  if (error != nullptr) {
    damage_ = error;
  } else if (bytes_read() < file_.bytes()) {
    damage_ = "cannot decode the last " + std::to_string(file_.bytes() - bytes_read()) +
              " bytes of the file";
  }
}

std::uint64_t ArchiveSource::bytes_read() const {
  return static_cast<std::uint64_t>(
      std::max<la_int64_t>(0, archive_filter_bytes(stream_.get(), -1)));
}

}  // namespace cram::text
