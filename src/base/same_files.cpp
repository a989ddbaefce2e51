#include "cram/base/same_files.h"

#include <algorithm>
#include <map>
#include <string>

#include "cram/base/file.h"

namespace cram {
namespace {

namespace fs = std::filesystem;

// The types of all that a folder holds, by the names within it.
std::map<std::string, fs::file_type> types_in(const fs::path& folder) {
  std::map<std::string, fs::file_type> types;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    types[entry.path().lexically_relative(folder).string()] = entry.symlink_status().type();
  }
  return types;
}

bool same_bytes(const fs::path& one, const fs::path& other) {
  if (fs::file_size(one) != fs::file_size(other)) return false;
  const MappedFile left(one), right(other);
  return std::ranges::equal(left.bytes(), right.bytes());
}

}  // namespace

bool same_files(const fs::path& one, const fs::path& other) {
  const auto types = types_in(one);
  return types == types_in(other) &&
         std::all_of(types.begin(), types.end(), [&](const auto& entry) {
           const auto& [name, type] = entry;
           return type == fs::file_type::directory ||
                  (type == fs::file_type::regular && same_bytes(one / name, other / name));
         });
}

}  // namespace cram
