#include "folder.h"

#include <algorithm>
#include <set>
#include <span>

#include <fnmatch.h>

#include "cram/base/error.h"

namespace cram::text {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> list(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  const fs::path where = folder.empty() ? fs::path(".") : folder;
  for (fs::directory_iterator it(where, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(folder / it->path().filename());
  }
  if (error) {
    throw Error(ErrorCode::kData, "cannot search " + where.string() + ": " + error.message());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

std::vector<std::string> split(const std::string& pattern) {
  std::vector<std::string> parts;
  for (const fs::path& part : fs::path(pattern).relative_path()) {
    const bool repeated = part == "**" && !parts.empty() && parts.back() == "**";
    if (!part.empty() && !repeated) parts.push_back(part.string());
  }
  return parts;
}

// Adds what matches `parts` below `base`.
void match(const fs::path& base, std::span<const std::string> parts, std::vector<fs::path>& found) {
  if (parts.empty()) {
    found.push_back(base);
    return;
  }
  const std::string& part = parts.front();
  const auto rest = parts.subspan(1);
  if (part == "**") {
    if (rest.empty()) return match(base, rest, found);
    for (const fs::path& folder : folders_below(base)) match(folder, rest, found);
  } else if (!is_glob(part)) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(base / part, error))) match(base / part, rest, found);
  } else if (base.empty() || is_folder(base)) {
    for (const fs::path& entry : list(base)) {
      const bool fits = fnmatch(part.c_str(), entry.filename().c_str(), FNM_PERIOD) == 0;
      if (fits && (rest.empty() || is_folder(entry))) match(entry, rest, found);
    }
  }
}

void add_folders(const fs::path& folder, std::set<fs::path>& seen, std::vector<fs::path>& found) {
  std::error_code error;
  if (!seen.insert(fs::canonical(folder.empty() ? fs::path(".") : folder, error)).second) return;
  found.push_back(folder);
  for (const fs::path& entry : list(folder)) {
    if (!is_hidden(entry) && is_folder(entry)) add_folders(entry, seen, found);
  }
}

}  // namespace

std::vector<fs::path> folders_below(const fs::path& folder) {
  std::set<fs::path> seen;
  std::vector<fs::path> found;
  add_folders(folder, seen, found);
  return found;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> entries = list(folder);
  std::erase_if(entries,
                [](const fs::path& entry) { return is_hidden(entry) || is_folder(entry); });
  return entries;
}

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

std::vector<fs::path> expand_glob(const std::string& pattern) {
  std::vector<fs::path> found;
  match(fs::path(pattern).root_path(), split(pattern), found);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace cram::text
