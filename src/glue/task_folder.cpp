#include "task_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include "cram/base/error.h"
#include "cram/text/sources.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;

// How the two releases call the file of a split; the first name that is there counts.
struct SplitNames {
  std::string split;
  std::vector<std::string> tsv;
  std::vector<std::string> parquet;
};

const std::vector<SplitNames>& split_names() {
  static const std::vector<SplitNames> all = {
      {"train", {"train"}, {"train"}},
      {"dev", {"dev_matched", "dev"}, {"validation_matched", "validation"}},
      {"dev-mismatched", {"dev_mismatched"}, {"validation_mismatched"}},
      {"test", {"test_matched", "test"}, {"test_matched", "test"}},
      {"test-mismatched", {"test_mismatched"}, {"test_mismatched"}},
      {"ax", {"diagnostic", "ax"}, {"test"}}};
  return all;
}

const SplitNames& names_of(const std::string& split) {
  return *std::find_if(split_names().begin(), split_names().end(),
                       [&](const SplitNames& names) { return names.split == split; });
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The task that a folder's name means; null for any other name.
const Task* task_of(const fs::path& folder) {
  std::string plain;
  for (const char c : lower_case(folder.filename().string())) {
    if (c != '_' && c != ' ') plain += c;
  }
  return find_task(plain == "diagnostic" || plain == "diagnostics" ? "ax" : plain);
}

// The name of a folder without a slash or "." at its end.
fs::path plain_path(const fs::path& folder) {
  std::error_code error;
  const fs::path path = fs::absolute(folder, error).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

// Sorted; with an error, those that were seen.
std::vector<fs::path> entries_of(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// Reads "<digits>" off the front of `text`.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

struct Part {
  int index = 0;
  int count = 1;
};

// Of a name like "train.parquet", "train-00000-of-00002.parquet" or the latter with a hash.
std::optional<Part> part_of(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || !name.ends_with(".parquet")) return std::nullopt;
  name.remove_prefix(stem.size());
  if (name == ".parquet") return Part{};
  if (!name.starts_with('-')) return std::nullopt;
  name.remove_prefix(1);
  const auto index = take_number(name);
  if (!index || !name.starts_with("-of-")) return std::nullopt;
  name.remove_prefix(4);
  const auto count = take_number(name);
  if (!count || *index >= *count) return std::nullopt;
  return Part{*index, *count};
}

}  // namespace

TaskFolder::TaskFolder(fs::path path) : path_(std::move(path)) {
  std::error_code unreadable;
  for (const fs::path& entry : entries_of(path_, unreadable)) {
    std::error_code error;
    if (!fs::is_directory(entry, error)) names_.push_back(entry.filename().string());
  }
  if (!unreadable) return;
  throw Error(ErrorCode::kData,
              "cannot read the folder " + path_.string() + ": " + unreadable.message());
}

std::optional<fs::path> TaskFolder::find(const std::string& name) const {
  for (const std::string& candidate : names_) {
    if (lower_case(text::packed_name(candidate).name) == name) return path_ / candidate;
  }
  return std::nullopt;
}

std::vector<fs::path> TaskFolder::files(TaskFormat format, const std::string& split) const {
  const SplitNames& names = names_of(split);
  if (format == TaskFormat::kParquet) {
    for (const std::string& stem : names.parquet) {
      if (auto found = parts(stem); !found.empty()) return found;
    }
    return {};
  }
  if (format == TaskFormat::kMsr) {
    const auto file = find("msr_paraphrase_" + split + ".txt");
    return file ? std::vector{*file} : std::vector<fs::path>();
  }
  for (const std::string& stem : names.tsv) {
    if (const auto file = find(stem + ".tsv")) return {*file};
  }
  return {};
}

std::vector<fs::path> TaskFolder::parts(const std::string& stem) const {
  std::map<int, fs::path> found;
  int count = 0;
  for (const std::string& name : names_) {
    const auto part = part_of(lower_case(name), stem);
    if (!part) continue;
    const bool agrees = count == 0 || count == part->count;
    count = part->count;
    if (!agrees || !found.emplace(part->index, path_ / name).second) {
      throw Error(ErrorCode::kData, path_.string() + " holds the " + stem + " split twice: " +
                                        found.begin()->second.filename().string() + ", " + name);
    }
  }
  if (found.size() < static_cast<std::size_t>(count)) {
    throw Error(ErrorCode::kData,
                path_.string() + " holds " + std::to_string(found.size()) + " of the " +
                    std::to_string(count) + " parts of " + stem,
                "download the others");
  }
  std::vector<fs::path> paths;
  for (const auto& [index, path] : found) paths.push_back(path);
  return paths;
}

std::optional<TaskFormat> TaskFolder::format_of(const Task& task) const {
  const std::string& split = task.official.front().split;
  if (!files(TaskFormat::kTsv, split).empty()) return TaskFormat::kTsv;
  if (task.name == "mrpc" && !files(TaskFormat::kMsr, split).empty()) return TaskFormat::kMsr;
  if (!files(TaskFormat::kParquet, split).empty()) return TaskFormat::kParquet;
  return std::nullopt;
}

std::optional<FoundTask> find_named_folder(const Task& task, const fs::path& folder) {
  std::error_code error;  // an unreadable folder holds nothing
  for (const fs::path& entry : entries_of(folder, error)) {
    if (task_of(entry) != &task || !fs::is_directory(entry, error)) continue;
    TaskFolder candidate(entry);
    if (const auto format = candidate.format_of(task)) return FoundTask{candidate, *format};
  }
  return std::nullopt;
}

FoundTask find_task_folder(const Task& task, const fs::path& folder) {
  if (auto found = find_named_folder(task, folder)) return *std::move(found);
  const fs::path path = plain_path(folder);
  const Task* const meant = task_of(path);
  if (meant == nullptr || meant == &task) {  // not the folder of another task
    TaskFolder candidate(path);
    if (const auto format = candidate.format_of(task)) return {candidate, *format};
  }
  const SplitNames& names = names_of(task.official.front().split);
  const std::string tsv = names.tsv.front() + ".tsv";
  const std::string parquet = names.parquet.front() + "-00000-of-00001.parquet";
  throw Error(ErrorCode::kData,
              "no data of " + task.title + " in " + folder.string() + ": neither " + task.title +
                  "/" + tsv + " nor " + task.name + "/" + parquet,
              "name the folder that holds GLUE's or Hugging Face's folders, or the task's own");
}

}  // namespace cram::glue
