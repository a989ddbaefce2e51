// Predictions as JSON, an object a line in the order of the examples.
#pragma once

#include <string>
#include <vector>

#include "cram/finetune/prediction.h"

namespace cram::finetune {

// {"id": "7", "label": "entailment", "probabilities": {"entailment": 0.93, …}}; {"id", "score"};
// {"id", "words": […], "labels": […]}; {"id", "answer": "…"} with "" for none. The id is the
// example's, or its number from 0.
[[nodiscard]] std::string prediction_lines(const std::vector<Prediction>& predictions,
                                           const glue::Split& split, const glue::DataSet& data);

}  // namespace cram::finetune
