#include "cram/glue/task.h"

#include <cctype>

namespace cram::glue {
namespace {

using enum Metric;

const std::vector<std::string> kEntailed = {"entailment", "not_entailment"};
// Hugging Face numbers them in this order.
const std::vector<std::string> kInferred = {"entailment", "neutral", "contradiction"};
const std::vector<std::string> kBinary = {"0", "1"};

std::vector<OfficialRows> rows(std::int64_t train, std::int64_t dev, std::int64_t test) {
  return {{"train", train}, {"dev", dev}, {"test", test}};
}

Task single(const std::string& name, const std::string& title, std::vector<Metric> metrics,
            std::vector<OfficialRows> official) {
  return {.name = name,
          .title = title,
          .problem = Problem::kClassification,
          .pairs = false,
          .labels = kBinary,
          .metrics = std::move(metrics),
          .official = std::move(official)};
}

Task paired(const std::string& name, const std::string& title,
            const std::vector<std::string>& labels, std::vector<Metric> metrics,
            std::vector<OfficialRows> official) {
  return {.name = name,
          .title = title,
          .problem = labels.empty() ? Problem::kRegression : Problem::kClassification,
          .pairs = true,
          .labels = labels,
          .metrics = std::move(metrics),
          .official = std::move(official)};
}

std::vector<Task> make_tasks() {
  const std::vector<OfficialRows> mnli = {{"train", 392'702},
                                          {"dev", 9'815},
                                          {"dev-mismatched", 9'832},
                                          {"test", 9'796},
                                          {"test-mismatched", 9'847}};
  return {
      paired("mnli", "MNLI", kInferred, {kAccuracy}, mnli),
      single("sst2", "SST-2", {kAccuracy}, rows(67'349, 872, 1'821)),
      paired("stsb", "STS-B", {}, {kPearson, kSpearman}, rows(5'749, 1'500, 1'379)),
      paired("rte", "RTE", kEntailed, {kAccuracy}, rows(2'490, 277, 3'000)),
      paired("qnli", "QNLI", kEntailed, {kAccuracy}, rows(104'743, 5'463, 5'463)),
      paired("qqp", "QQP", kBinary, {kF1, kAccuracy}, rows(363'846, 40'430, 390'965)),
      paired("mrpc", "MRPC", kBinary, {kF1, kAccuracy}, rows(3'668, 408, 1'725)),
      single("cola", "CoLA", {kMatthews}, rows(8'551, 1'043, 1'063)),
      paired("wnli", "WNLI", kBinary, {kAccuracy}, rows(635, 71, 146)),
      paired("ax", "AX", kInferred, {kMatthews}, {{"ax", 1'104}}),
  };
}

}  // namespace

const std::vector<Task>& tasks() {
  static const std::vector<Task> all = make_tasks();
  return all;
}

const Task* find_task(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const Task& task : tasks()) {
    if (task.name == plain) return &task;
  }
  return nullptr;
}

}  // namespace cram::glue
