#include "cram/text/sources.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "cram/base/error.h"

#include "folder.h"

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

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The files of one source, and a count of the others by their ending.
class Search {
 public:
  explicit Search(std::set<fs::path>& seen) : seen_(seen) {}

  void add(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return add_file(path);
    for (const fs::path& folder : folders_below(path)) {
      for (const fs::path& file : files_in(folder)) add_file(file);
    }
  }

  [[nodiscard]] bool found_any() const { return found_any_; }
  [[nodiscard]] std::string others() const;
  std::vector<SourceFile> take_sorted() && {
    std::sort(files_.begin(), files_.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return std::move(files_);
  }

 private:
  void add_file(const fs::path& path);

  std::set<fs::path>& seen_;  // real paths of the files of all sources
  std::vector<SourceFile> files_;
  std::map<std::string, int> others_;
  bool found_any_ = false;
};

void Search::add_file(const fs::path& path) {
  if (!format_of(path)) {
    ++others_[lower_case(path.extension().string())];
    return;
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw Error(ErrorCode::kData, path.string() + " is a broken link");
  }
  if (!fs::is_regular_file(status)) {
    throw Error(ErrorCode::kData, path.string() + " is a pipe or device, not a regular file");
  }
  const std::uintmax_t bytes = fs::file_size(path, error);
  const fs::path real = error ? fs::path() : fs::canonical(path, error);
  if (error) throw Error(ErrorCode::kData, "cannot open " + path.string() + ": " + error.message());
  found_any_ = true;
  if (seen_.insert(real).second) files_.push_back({path, bytes});
}

std::string Search::others() const {
  std::string text;
  for (const auto& [ending, count] : others_) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
            (ending.empty() ? "without an ending" : ending);
  }
  return text.empty() ? "nothing" : text;
}

[[noreturn]] void refuse(const std::string& source, const std::string& others) {
  const std::string hint = "read are " + known_formats();
  std::error_code error;
  if (fs::exists(fs::symlink_status(source, error))) {
    throw Error(ErrorCode::kData, source + ": no text file; found " + others, hint);
  }
  if (is_glob(source)) {
    throw Error(ErrorCode::kData, source + ": matches no text file; found " + others, hint);
  }
  throw Error(ErrorCode::kData, source + ": no such file or folder",
              "relative paths start at " + fs::current_path(error).string());
}

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

std::vector<SourceFile> find_sources(const std::vector<std::string>& sources) {
  std::vector<SourceFile> files;
  std::set<fs::path> seen;
  for (const std::string& source : sources) {
    Search search(seen);
    std::error_code error;
    if (fs::exists(fs::symlink_status(source, error))) {
      search.add(source);
    } else if (is_glob(source)) {
      for (const fs::path& path : expand_glob(source)) search.add(path);
    }
    if (!search.found_any()) refuse(source, search.others());
    for (SourceFile& file : std::move(search).take_sorted()) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace cram::text
