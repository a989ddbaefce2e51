// The nine tasks of GLUE and its diagnostic set (Wang et al. 2019, https://gluebenchmark.com).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cram/glue/example.h"
#include "cram/glue/metrics.h"

namespace cram::glue {

// Rows of a split in the official release.
struct OfficialRows {
  std::string split;  // as Split::name
  std::int64_t rows = 0;
};

struct Task {
  std::string name;   // "sst2"
  std::string title;  // "SST-2"
  Problem problem = Problem::kClassification;
  bool pairs = false;
  std::vector<std::string> labels;     // as prediction files write them; empty: a score
  std::vector<Metric> metrics;         // the first one is the paper's number
  std::vector<OfficialRows> official;  // of train, dev and test splits
};

// In the order of the paper's tables: MNLI, SST-2, STS-B, RTE, QNLI, QQP, MRPC, CoLA; then WNLI and
// AX, which is only predicted, with a model fine-tuned on MNLI.
[[nodiscard]] const std::vector<Task>& tasks();
// By name, in any case and with or without "-": "SST-2", "sst2"; null where there is none.
[[nodiscard]] const Task* find_task(std::string_view name);

// The data of a task below `folder`, which holds the official folders (CoLA/train.tsv, …), Hugging
// Face's Parquet folders (cola/train-00000-of-00001.parquet, …), or is one of them. Differences
// from the official row counts stand in DataSet::notes. MNLI has the dev splits "dev" (matched) and
// "dev-mismatched" and likewise for test; where the diagnostic set lies beside it, it is the test
// split "ax". Throws Error{kData}, naming file and line, for data that is not there or damaged.
[[nodiscard]] DataSet read_task(const Task& task, const std::string& folder);

}  // namespace cram::glue
