// The exit codes as every --help shows them.
#pragma once

namespace cram::tool {

inline constexpr const char* kExitCodes =
    "Exit codes: 0 done (the budget is spent), 1 internal error, 2 wrong usage or recipe,\n"
    "3 unusable data, 4 out of memory after backing off, 5 diverged, 6 storage,\n"
    "129, 130 and 143 interrupted (a running training has saved a checkpoint).";

}  // namespace cram::tool
