// A file without a name, in memory, that a child process shares.
#pragma once

#include <string>
#include <string_view>

namespace cram::tokenizer {

class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void write(std::string_view bytes) const;
  [[nodiscard]] std::string read() const;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // A path under which this process, and a child of it, can open the file.
  [[nodiscard]] std::string path() const;

 private:
  int descriptor_;
};

}  // namespace cram::tokenizer
