// What every program of the project does around its work: signals, errors, exit codes.
#pragma once

#include <string>

#include "command.h"

namespace cram::tool {

struct Program {
  std::string name;
  std::string description;
  // Adds options or subcommands; the one that is chosen sets the action.
  std::function<void(CLI::App&, Action&)> add;
};

// Parses the command line, runs the action and returns the exit code; never throws. Errors come out
// as "error: …" and "hint: …" on standard error.
[[nodiscard]] int run_program(const Program& program, int argc, char** argv);

}  // namespace cram::tool
