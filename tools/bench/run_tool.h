// How the programs of this folder end: an error as one line with its hint, and cram's exit codes.
#pragma once

#include <cstdio>
#include <exception>

#include "cram/base/error.h"

namespace cram::bench {

template <typename Work>
int run_tool(const Work& work) {
  try {
    work();
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    if (!error.hint().empty()) std::fprintf(stderr, "hint: %s\n", error.hint().c_str());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(ErrorCode::kInternal);
  }
}

}  // namespace cram::bench
