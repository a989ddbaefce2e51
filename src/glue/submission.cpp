#include "cram/glue/submission.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "cram/base/error.h"

#include "same_size.h"

namespace cram::glue {
namespace {

constexpr double kHighestScore = 5;

struct ServerFile {
  std::string_view task, split, file;
};

constexpr std::array<ServerFile, 12> kServerFiles = {{{"cola", "test", "CoLA.tsv"},
                                                      {"sst2", "test", "SST-2.tsv"},
                                                      {"mrpc", "test", "MRPC.tsv"},
                                                      {"stsb", "test", "STS-B.tsv"},
                                                      {"mnli", "test", "MNLI-m.tsv"},
                                                      {"mnli", "test-mismatched", "MNLI-mm.tsv"},
                                                      {"qnli", "test", "QNLI.tsv"},
                                                      {"qqp", "test", "QQP.tsv"},
                                                      {"rte", "test", "RTE.tsv"},
                                                      {"wnli", "test", "WNLI.tsv"},
                                                      {"mnli", "ax", "AX.tsv"},
                                                      {"ax", "test", "AX.tsv"}}};

std::string score_text(double score, const std::string& place) {
  if (std::isnan(score)) throw Error(ErrorCode::kDiverged, place + ": the score is NaN");
  // + 0.0 makes a zero of either sign positive.
  const double clipped = std::clamp(score, 0.0, kHighestScore) + 0.0;
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), clipped,
                                 std::chars_format::fixed, 3);
  return {digits.data(), end.ptr};
}

std::string label_text(const Task& task, double label, const std::string& place) {
  const auto count = static_cast<double>(task.labels.size());
  if (label >= 0 && label < count && label == std::floor(label)) {
    return task.labels[static_cast<std::size_t>(label)];
  }
  throw Error(ErrorCode::kInternal, place + ": no label has the number " + std::to_string(label));
}

}  // namespace

std::string submission_file(const Task& task, const std::string& split) {
  for (const ServerFile& known : kServerFiles) {
    if (known.task == task.name && known.split == split) return std::string(known.file);
  }
  throw Error(ErrorCode::kInternal,
              "GLUE's server takes no predictions for '" + split + "' of '" + task.name + "'");
}

std::string render_submission(const Task& task, const Split& split,
                              const std::vector<double>& predictions) {
  require_same_size(predictions.size(), split.examples.size());
  std::string rows = "index\tprediction\n";
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::string& id = split.examples[i].id;
    const std::string index = id.empty() ? std::to_string(i) : id;
    const std::string place = task.title + " " + split.name + ", example " + index;
    rows += index + "\t" +
            (task.labels.empty() ? score_text(predictions[i], place)
                                 : label_text(task, predictions[i], place)) +
            "\n";
  }
  return rows;
}

}  // namespace cram::glue
