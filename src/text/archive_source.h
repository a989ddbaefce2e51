// A compressed file as bytes, decoded by libarchive with exactly the one filter that the file's
// name asks for: its usual guessing would also unpack what merely looks compressed inside.
#pragma once

#include <memory>

#include "cram/text/byte_source.h"

#include "file_handle.h"

struct archive;

namespace cram::text {

class ArchiveSource final : public ByteSource {
 public:
  ArchiveSource(const std::filesystem::path& path, Compression compression);

  std::size_t read(char* to, std::size_t size) override;
  [[nodiscard]] const std::string& damage() const override { return damage_; }
  [[nodiscard]] std::uint64_t bytes_read() const override;

 private:
  struct Free {
    void operator()(archive* stream) const;
  };

  void open_stream(Compression compression);
  [[nodiscard]] bool next_block();
  void finish();

  FileHandle file_;
  std::unique_ptr<archive, Free> stream_;
  const char* block_ = nullptr;  // decoded, not yet handed out
  std::size_t block_size_ = 0;
  bool finished_ = false;
  std::string damage_;
};

}  // namespace cram::text
