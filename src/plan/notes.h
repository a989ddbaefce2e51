// What a reader of a plan has to know beside its numbers.
#pragma once

#include <string>
#include <vector>

#include "cram/plan/tables.h"

namespace cram::plan {

// Whether a factor by which something lies beyond what was studied is worth telling, and its
// digits.
[[nodiscard]] bool is_stretch(double factor);
[[nodiscard]] std::string format_factor(double factor);

// Sentences: how far the best run lies beyond what was studied, and what a law cannot know.
[[nodiscard]] std::vector<std::string> notes_of(const Shown& shown);

// `cram pretrain` with what it takes to train the candidate, for a shell.
[[nodiscard]] std::string command_of(const Base& base, const Candidate& candidate);

}  // namespace cram::plan
