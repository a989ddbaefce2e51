// Input files for the tests of this room: compressed by the compressors themselves, read at once.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

#include "cram/text/document.h"

#include "support/temp_folder.h"

namespace cram::text::test {

// A new file: some file systems wait for the disk when one is emptied and written again.
inline std::filesystem::path write(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::remove(path);
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
  return path;
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Packing {
  Compression compression;
  const char* ending;
};

inline const std::vector<Packing>& packings() {
  static const std::vector<Packing> all = {{Compression::kNone, ""},
                                           {Compression::kGzip, ".gz"},
                                           {Compression::kBzip2, ".bz2"},
                                           {Compression::kXz, ".xz"},
                                           {Compression::kZstd, ".zst"}};
  return all;
}

inline int filter_of(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return ARCHIVE_FILTER_GZIP;
    case Compression::kBzip2:
      return ARCHIVE_FILTER_BZIP2;
    case Compression::kXz:
      return ARCHIVE_FILTER_XZ;
    case Compression::kZstd:
      return ARCHIVE_FILTER_ZSTD;
    case Compression::kNone:
      break;
  }
  return ARCHIVE_FILTER_NONE;
}

// One compressed stream.
inline std::string packed(std::string_view content, Compression compression) {
  if (compression == Compression::kNone) return std::string(content);
  const cram::test::TempFolder folder;
  const std::filesystem::path path = folder / "packed";
  archive* const out = archive_write_new();
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  const bool worked = archive_write_add_filter(out, filter_of(compression)) == ARCHIVE_OK &&
                      archive_write_set_format_raw(out) == ARCHIVE_OK &&
                      archive_write_set_bytes_per_block(out, 0) == ARCHIVE_OK &&
                      archive_write_open_filename(out, path.c_str()) == ARCHIVE_OK &&
                      archive_write_header(out, entry) == ARCHIVE_OK &&
                      archive_write_data(out, content.data(), content.size()) >= 0 &&
                      archive_write_close(out) == ARCHIVE_OK;
  archive_entry_free(entry);
  archive_write_free(out);
  if (!worked) throw std::runtime_error("the compressor failed");
  return slurp(path);
}

inline SourceFile source(const std::filesystem::path& path) { return source_file(path); }

// All documents of a file, and what was wrong with it.
struct Reading {
  std::vector<std::string> texts;
  BadRecords bad;
};

inline Reading read(const std::filesystem::path& path, const ReadOptions& options = {}) {
  Reading reading;
  const auto reader = open_documents(source(path), options, reading.bad);
  while (auto document = reader->next()) reading.texts.push_back(std::move(document->text));
  return reading;
}

// Reads `content` as a file called `name`.
inline Reading read_as(const std::string& name, std::string_view content,
                       const ReadOptions& options = {}) {
  const cram::test::TempFolder folder;
  return read(write(folder / name, content), options);
}

}  // namespace cram::text::test
