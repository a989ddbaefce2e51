#include "cram/text/byte_source.h"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "cram/base/error.h"

#include "archive_source.h"
#include "file_handle.h"

namespace cram::text {
namespace {

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(const std::filesystem::path& path) : path_(path), file_(path) {}

  std::size_t read(char* to, std::size_t size) override {
    ssize_t got = -1;
    do {
      got = ::read(file_.fd(), to, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      throw Error(ErrorCode::kData, "cannot read " + path_.string() + " at byte " +
                                        std::to_string(bytes_read_) + ": " + std::strerror(errno));
    }
    bytes_read_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }

  [[nodiscard]] const std::string& damage() const override { return no_damage_; }
  [[nodiscard]] std::uint64_t bytes_read() const override { return bytes_read_; }

 private:
  std::filesystem::path path_;
  FileHandle file_;
  std::uint64_t bytes_read_ = 0;
  std::string no_damage_;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path, Compression compression) {
  if (compression == Compression::kNone) return std::make_unique<PlainSource>(path);
  return std::make_unique<ArchiveSource>(path, compression);
}

}  // namespace cram::text
