#include <memory>
#include <new>
#include <set>

#include <archive.h>
#include <archive_entry.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/glue/submission.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;

// A zip archive that grows in memory: prediction files are small, and the archive on disk appears
// only when it is whole.
class ZipArchive {
 public:
  ZipArchive() : stream_(archive_write_new()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    check(archive_write_set_format_zip(stream_.get()));
    check(archive_write_zip_set_compression_deflate(stream_.get()));
    check(archive_write_set_bytes_in_last_block(stream_.get(), 1));  // no padding at the end
    check(archive_write_open2(stream_.get(), &bytes_, nullptr, append, nullptr, nullptr));
  }

  // Without a time, so that equal files give equal archives.
  void add(const std::string& name, const std::string& content) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              &archive_entry_free);
    if (entry == nullptr) throw std::bad_alloc();
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    check(archive_write_header(stream_.get(), entry.get()));
    if (archive_write_data(stream_.get(), content.data(), content.size()) !=
        static_cast<la_ssize_t>(content.size())) {
      fail();
    }
  }

  [[nodiscard]] const std::string& finish() {
    check(archive_write_close(stream_.get()));
    return bytes_;
  }

 private:
  struct Free {
    void operator()(archive* stream) const { archive_write_free(stream); }
  };

  static la_ssize_t append(archive*, void* bytes, const void* data, std::size_t size) {
    static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  }

  [[noreturn]] void fail() const {
    const char* reason = archive_error_string(stream_.get());
    throw Error(ErrorCode::kInternal,
                std::string("libarchive: ") + (reason == nullptr ? "cannot write a zip" : reason));
  }
  void check(int result) const {
    if (result != ARCHIVE_OK) fail();
  }

  std::string bytes_;  // before the stream, which writes to it until it is freed
  std::unique_ptr<archive, Free> stream_;
};

}  // namespace

void write_zip(const fs::path& zip, const std::vector<fs::path>& files) {
  ZipArchive whole;
  std::set<std::string> names;
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    if (!names.insert(name).second) {
      throw Error(ErrorCode::kInternal, zip.string() + ": two files are called " + name);
    }
    whole.add(name, read_file(file));
  }
  write_file_atomic(zip, whole.finish());
}

}  // namespace cram::glue
