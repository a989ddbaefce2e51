// The results of a fine-tuning run as one HTML page, with what the models get wrong.
#pragma once

#include <string>
#include <vector>

#include "cram/glue/metrics.h"
#include "cram/glue/score_table.h"

namespace cram::glue {

// An example of which the model was sure and wrong.
struct WorstError {
  std::string first, second;     // its texts; the second may be empty
  std::string truth, predicted;  // as text: labels, scores or answers
  double confidence = 0;         // in [0, 1]; NaN where there is none, as for scores
};

struct TaskPage {
  TaskScores scores;
  std::vector<std::string> labels;  // of the confusion's rows and columns
  Confusion confusion;              // empty where there are no classes
  std::vector<WorstError> errors;   // the worst first
};

// Complete in itself, without a network. Text may be anything: it is escaped, repaired where it is
// not UTF-8, and cut where it is very long. Of more than 20 classes only the most frequent
// confusions are shown.
[[nodiscard]] std::string render_score_page(const std::string& title,
                                            const std::vector<TaskPage>& pages,
                                            const GlueMean& mean);

}  // namespace cram::glue
