// The bytes of files as they are.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cram::checkpoint {

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  // Removed first: some file systems flush a file that is written over.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace cram::checkpoint
