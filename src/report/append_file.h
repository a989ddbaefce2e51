// A file that only grows, one whole record a call, straight to the kernel: what was appended
// outlives a kill of the process.
#pragma once

#include <filesystem>
#include <string_view>

namespace cram::report {

class AppendFile {
 public:
  // Opens `path`, created when missing. Throws Error{kStorage}.
  explicit AppendFile(const std::filesystem::path& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // Throws Error{kStorage} when not all of it could be written; a part may then stand in the file.
  void append(std::string_view record);
  // True when the file is not empty and its last byte is not a newline.
  [[nodiscard]] bool ends_in_mid_line() const;

 private:
  std::filesystem::path path_;
  int fd_;
};

}  // namespace cram::report
