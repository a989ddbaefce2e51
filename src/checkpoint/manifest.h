// MANIFEST.json of a checkpoint: which files it holds, how large they are and their checksums. It
// is written last and carries a checksum of its own, so any flipped bit shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "checksum_writer.h"

namespace cram::checkpoint {

struct Manifest {
  std::int64_t step = 0;
  std::map<std::string, FileRecord> files;
};

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

// Checks the manifest and that every file of the folder is as it says. Throws Error{kData}.
[[nodiscard]] Manifest read_verified_manifest(const std::filesystem::path& folder);

}  // namespace cram::checkpoint
