// Where the data of a task lie on disk.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cram/glue/task.h"

namespace cram::glue {

enum class TaskFormat {
  kTsv,      // GLUE's train.tsv, dev.tsv, …
  kMsr,      // MRPC's original files and the list of the pairs that are GLUE's dev split
  kParquet,  // Hugging Face's train-00000-of-00001.parquet, …
};

class TaskFolder {
 public:
  // Lists the folder. Throws Error{kData} when it cannot be read.
  explicit TaskFolder(std::filesystem::path path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // By the files that decide: those of the train split, or of "ax". Nothing where they are not
  // here.
  [[nodiscard]] std::optional<TaskFormat> format_of(const Task& task) const;

  // The file called so, in any case and perhaps packed: "train.tsv" finds "train.tsv.gz".
  [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& name) const;
  // The file of a split, or the parts of its table in order; none where the split is not here.
  // Throws Error{kData} where parts are missing.
  [[nodiscard]] std::vector<std::filesystem::path> files(TaskFormat format,
                                                         const std::string& split) const;

 private:
  [[nodiscard]] std::vector<std::filesystem::path> parts(const std::string& stem) const;

  std::filesystem::path path_;
  std::vector<std::string> names_;  // of its files, sorted
};

struct FoundTask {
  TaskFolder folder;
  TaskFormat format;
};

// The folder of a task: one of its name in `folder`, in any usual spelling, else `folder` itself.
// Throws Error{kData} that says what was looked for.
[[nodiscard]] FoundTask find_task_folder(const Task& task, const std::filesystem::path& folder);

// Only those of its name in `folder`; nothing in one that cannot be read.
[[nodiscard]] std::optional<FoundTask> find_named_folder(const Task& task,
                                                         const std::filesystem::path& folder);

}  // namespace cram::glue
