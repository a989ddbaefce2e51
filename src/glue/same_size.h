// What is compared is equally long on both sides.
#pragma once

#include <cstddef>
#include <string>

#include "cram/base/error.h"

namespace cram::glue {

inline void require_same_size(std::size_t predicted, std::size_t truth) {
  if (predicted == truth) return;
  throw Error(ErrorCode::kInternal, std::to_string(predicted) + " predictions for " +
                                        std::to_string(truth) + " examples");
}

}  // namespace cram::glue
