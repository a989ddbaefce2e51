#include "cram/text/sources.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <sys/stat.h>

#include "cram/base/error.h"

#include "file_search.h"
#include "lower_case.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;

struct KindName {
  std::string_view ending;
  FileKind kind;
};
constexpr std::array<KindName, 4> kKinds = {{{".txt", FileKind::kTxt},
                                             {".jsonl", FileKind::kJsonl},
                                             {".json", FileKind::kJsonl},
                                             {".parquet", FileKind::kParquet}}};

struct CompressionName {
  std::string_view ending;
  Compression compression;
};
constexpr std::array<CompressionName, 4> kCompressions = {{{".gz", Compression::kGzip},
                                                           {".bz2", Compression::kBzip2},
                                                           {".xz", Compression::kXz},
                                                           {".zst", Compression::kZstd}}};

}  // namespace

PackedName packed_name(const fs::path& path) {
  std::string name = path.filename().string();
  const std::string lower = lower_case(name);
  for (const CompressionName& known : kCompressions) {
    if (!lower.ends_with(known.ending)) continue;
    name.resize(name.size() - known.ending.size());
    return {std::move(name), known.compression};
  }
  return {std::move(name), Compression::kNone};
}

std::optional<FileFormat> format_of(const fs::path& path) {
  const PackedName packed = packed_name(path);
  const std::string name = lower_case(packed.name);
  for (const KindName& known : kKinds) {
    if (!name.ends_with(known.ending)) continue;
    const bool twice = known.kind == FileKind::kParquet && packed.compression != Compression::kNone;
    if (twice) return std::nullopt;
    return FileFormat{.kind = known.kind, .compression = packed.compression};
  }
  return std::nullopt;
}

std::string known_formats() {
  return ".txt, .jsonl and .json (an object a line), each also with .gz, .bz2, .xz or .zst, "
         "and .parquet";
}

SourceFile source_file(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    throw Error(ErrorCode::kData, "cannot open " + path.string() + ": " + std::strerror(errno));
  }
  return {.path = path,
          .bytes = static_cast<std::uint64_t>(info.st_size),
          .changed = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

bool has_changed(const SourceFile& file) {
  try {
    const SourceFile now = source_file(file.path);
    return now.bytes != file.bytes || now.changed != file.changed;
  } catch (const Error&) {
    return true;
  }
}

std::vector<SourceFile> find_sources(const std::vector<std::string>& sources) {
  return find_files(
      sources, [](const fs::path& path) { return format_of(path).has_value(); }, known_formats());
}

}  // namespace cram::text
