// A plan for people and programs.
#pragma once

#include <string>

#include "cram/plan/plan.h"

namespace cram::plan {

// What a plan is shown with.
struct Shown {
  const Plan& plan;
  const Evidence& evidence;
  const Base& base;
};

// The laws, a row for each run, what the plan rests on and the command of the best run. ASCII.
[[nodiscard]] std::string to_text(const Shown& shown);
// The same with all digits.
[[nodiscard]] std::string to_json(const Shown& shown);

}  // namespace cram::plan
