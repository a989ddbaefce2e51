// The errors that teach most: where a model was surest and wrong.
#pragma once

#include <vector>

#include "cram/finetune/prediction.h"
#include "cram/glue/score_page.h"

namespace cram::finetune {

// At most `count` of the split, the worst first: by the probability of the wrong class, or by the
// distance of the scores; sentences by their share of wrong words. Spans in order.
[[nodiscard]] std::vector<glue::WorstError> worst_errors(const std::vector<Prediction>& predictions,
                                                         const glue::Split& split,
                                                         const glue::DataSet& data,
                                                         std::size_t count);

}  // namespace cram::finetune
