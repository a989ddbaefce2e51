// How fast a run would be on this machine and what it would take, tried out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cram/plan/candidate.h"

namespace cram::plan {

// Measured over a few updates.
struct Trial {
  double tokens_per_second = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t vocabulary = 0;       // that the tokenizer has
  std::int64_t training_tokens = 0;  // of the text, once; 0 where it is not prepared yet
};

// Why a run does not fit on this machine.
struct Obstacle {
  std::string reason;
};

using TrialResult = std::variant<Trial, Obstacle>;
using TryOut = std::function<TrialResult(const Candidate&)>;

// Does `cram pretrain --dry-run` in a process of its own, so that its memory is all given back and
// running out of it ends that process alone. What it says otherwise is thrown as it would be there.
[[nodiscard]] TryOut try_out_with(const std::filesystem::path& program,
                                  const std::filesystem::path& recipe_file);

}  // namespace cram::plan
