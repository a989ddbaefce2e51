// Which files to read: the formats known by name, and the search for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/text/byte_source.h"

namespace cram::text {

enum class FileKind { kTxt, kJsonl, kParquet };

struct FileFormat {
  FileKind kind = FileKind::kTxt;
  Compression compression = Compression::kNone;
};

// A file's name without the ending .gz, .bz2, .xz or .zst (in any case), and what that says.
struct PackedName {
  std::string name;
  Compression compression = Compression::kNone;
};
[[nodiscard]] PackedName packed_name(const std::filesystem::path& path);

// By name, in any case: .txt, .jsonl or .json, each also with .gz, .bz2, .xz or .zst; .parquet.
[[nodiscard]] std::optional<FileFormat> format_of(const std::filesystem::path& path);
// The same as a phrase for messages.
[[nodiscard]] std::string known_formats();

// One file to read, as it was when it was found. `source` is the place of what named it in the list
// given to find_sources().
struct SourceFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;   // on disk
  std::int64_t changed = 0;  // when its content last did, in nanoseconds since 1970
  std::size_t source = 0;
};
// As it is now. Throws Error{kData} where there is none.
[[nodiscard]] SourceFile source_file(const std::filesystem::path& path);
// Whether it has another size or time of change than when it was found, or is gone.
[[nodiscard]] bool has_changed(const SourceFile& file);

// Expands files, folders (recursively, following links) and globs (`*`, `?`, `[…]`, and `**` for
// any number of folders) into the files whose format is known, sorted by path within each source,
// each file once even when links name it twice. Hidden files and folders are skipped unless the
// source itself names them, and so are files of other formats inside folders and globs.
// Throws Error{kData} for a source that matches nothing, saying what was found and what is read,
// and for a folder that cannot be searched, a broken link or a pipe among the files.
[[nodiscard]] std::vector<SourceFile> find_sources(const std::vector<std::string>& sources);

}  // namespace cram::text
