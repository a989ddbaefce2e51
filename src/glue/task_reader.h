// The examples of GLUE's tasks out of its files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/glue/task.h"

#include "task_folder.h"

namespace cram::glue {

class TaskReader {
 public:
  // `task` and `notes` must outlive it; skipped rows are noted.
  TaskReader(const Task& task, std::vector<std::string>& notes) : task_(task), notes_(notes) {}

  // The examples of a split, in the order of its files, which must not be none. Those of train and
  // dev splits have labels. Throws Error{kData}.
  [[nodiscard]] std::vector<Example> read(TaskFormat format, const std::string& split,
                                          const std::vector<std::filesystem::path>& files) const;

 private:
  [[nodiscard]] std::vector<Example> read_tsv(const std::string& split,
                                              const std::filesystem::path& file) const;
  [[nodiscard]] std::vector<Example> read_parquet(const std::string& split,
                                                  const std::vector<std::filesystem::path>&) const;

  const Task& task_;
  std::vector<std::string>& notes_;
};

// For each pair of a file of MRPC, whether it belongs to GLUE's dev split.
[[nodiscard]] std::vector<bool> find_msr_dev(const std::filesystem::path& train,
                                             const std::filesystem::path& dev_ids);

}  // namespace cram::glue
