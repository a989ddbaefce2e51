#include "cram/glue/problem_name.h"

#include <array>

namespace cram::glue {
namespace {

// In the order of the enumeration.
constexpr std::array kNames = {"classification", "regression", "token-labels", "span"};

}  // namespace

const char* name(Problem problem) { return kNames.at(static_cast<std::size_t>(problem)); }

std::optional<Problem> find_problem(std::string_view wanted) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == wanted) return static_cast<Problem>(i);
  }
  return std::nullopt;
}

}  // namespace cram::glue
