#include "file_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cram/base/error.h"

#include "folder.h"
#include "lower_case.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;

// The files of one source, and a count of the others by their ending.
class Search {
 public:
  Search(FileFilter wanted, std::set<fs::path>& seen) : wanted_(wanted), seen_(seen) {}

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

  FileFilter wanted_;
  std::set<fs::path>& seen_;  // real paths of the files of all sources
  std::vector<SourceFile> files_;
  std::map<std::string, int> others_;
  bool found_any_ = false;
};

void Search::add_file(const fs::path& path) {
  if (!wanted_(path)) {
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
  const fs::path real = fs::canonical(path, error);
  if (error) throw Error(ErrorCode::kData, "cannot open " + path.string() + ": " + error.message());
  found_any_ = true;
  if (seen_.insert(real).second) files_.push_back(source_file(path));
}

std::string Search::others() const {
  std::string text;
  for (const auto& [ending, count] : others_) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
            (ending.empty() ? "without an ending" : ending);
  }
  return text.empty() ? "nothing" : text;
}

[[noreturn]] void refuse(const std::string& source, const std::string& others,
                         const std::string& formats) {
  const std::string hint = "read are " + formats;
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

std::vector<SourceFile> find_files(const std::vector<std::string>& sources, FileFilter wanted,
                                   const std::string& formats) {
  std::vector<SourceFile> files;
  std::set<fs::path> seen;
  for (const std::string& source : sources) {
    Search search(wanted, seen);
    std::error_code error;
    if (fs::exists(fs::symlink_status(source, error))) {
      search.add(source);
    } else if (is_glob(source)) {
      for (const fs::path& path : expand_glob(source)) search.add(path);
    }
    if (!search.found_any()) refuse(source, search.others(), formats);
    for (SourceFile& file : std::move(search).take_sorted()) {
      file.source = static_cast<std::size_t>(&source - sources.data());
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace cram::text
