#include <algorithm>

#include "cram/base/error.h"
#include "cram/base/units.h"
#include "cram/glue/task.h"

#include "task_folder.h"
#include "task_reader.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;

DataSet empty_set(const Task& task) {
  DataSet data;
  data.name = task.name;
  data.problem = task.problem;
  data.pairs = task.pairs;
  data.labels = task.labels;
  data.train.name = "train";
  return data;
}

void add(DataSet& data, Split split) {
  if (split.name == "train") {
    data.train = std::move(split);
  } else if (split.name.starts_with("dev")) {
    data.dev.push_back(std::move(split));
  } else {
    data.test.push_back(std::move(split));
  }
}

void note_rows(DataSet& data, const Task& task, const OfficialRows& official, std::size_t rows) {
  if (rows == static_cast<std::size_t>(official.rows)) return;
  data.notes.push_back(task.title + " " + official.split + " has " +
                       format_count(static_cast<std::int64_t>(rows)) + " rows, officially " +
                       format_count(official.rows));
}

void note_missing(DataSet& data, const Task& task, const OfficialRows& official) {
  data.notes.push_back(task.title + " has no " + official.split + " split, officially of " +
                       format_count(official.rows) + " rows");
}

void read_split(const Task& task, const FoundTask& found, const OfficialRows& official,
                DataSet& data) {
  const auto files = found.folder.files(found.format, official.split);
  if (files.empty()) return note_missing(data, task, official);
  Split split{.name = official.split,
              .examples = TaskReader(task, data.notes).read(found.format, official.split, files)};
  note_rows(data, task, official, split.examples.size());
  add(data, std::move(split));
}

// MRPC as it was before GLUE, whose dev split are pairs of its train file. The test file has the
// labels that GLUE keeps secret; they are read.
void read_msr(const Task& task, const FoundTask& found, DataSet& data) {
  const fs::path train = found.folder.files(found.format, "train").front();
  const auto dev_ids = found.folder.find("dev_ids.tsv");
  if (!dev_ids) {
    throw Error(
        ErrorCode::kData,
        found.folder.path().string() + " has no dev_ids.tsv beside " + train.filename().string(),
        "GLUE's list of the pairs that make the dev split is needed");
  }
  const std::vector<bool> is_dev = find_msr_dev(train, *dev_ids);
  Split train_split{.name = "train", .examples = {}};
  Split dev_split{.name = "dev", .examples = {}};
  auto examples = TaskReader(task, data.notes).read(found.format, "train", {train});
  for (std::size_t i = 0; i < examples.size(); ++i) {
    (is_dev[i] ? dev_split : train_split).examples.push_back(std::move(examples[i]));
  }
  note_rows(data, task, task.official[0], train_split.examples.size());
  note_rows(data, task, task.official[1], dev_split.examples.size());
  add(data, std::move(train_split));
  add(data, std::move(dev_split));
  read_split(task, found, task.official[2], data);
}

// The diagnostic set is answered by a model fine-tuned on MNLI.
void read_diagnostics(const fs::path& folder, const fs::path& mnli, DataSet& data) {
  const Task& task = *find_task("ax");
  auto found = find_named_folder(task, folder);
  if (!found) found = find_named_folder(task, mnli.parent_path());
  if (found) read_split(task, *found, task.official.front(), data);
}

void check(const Task& task, const DataSet& data, const fs::path& folder) {
  if (task.name == "ax") return;
  if (data.train.examples.empty() || data.dev.empty() || data.dev.front().name != "dev" ||
      data.dev.front().examples.empty()) {
    throw Error(ErrorCode::kData,
                folder.string() + " holds no " + (data.train.examples.empty() ? "train" : "dev") +
                    " rows of " + task.title,
                "both are needed to fine-tune");
  }
}

}  // namespace

DataSet read_task(const Task& task, const std::string& folder) {
  const FoundTask found = find_task_folder(task, folder);
  DataSet data = empty_set(task);
  if (found.format == TaskFormat::kMsr) {
    read_msr(task, found, data);
  } else {
    for (const OfficialRows& official : task.official) read_split(task, found, official, data);
  }
  if (task.name == "mnli") read_diagnostics(folder, found.folder.path(), data);
  check(task, data, found.folder.path());
  return data;
}

}  // namespace cram::glue
