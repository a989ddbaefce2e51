#include "program.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>

#include <poll.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/base/heap.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/ops/tensor_memory.h"
#include "cram/train/out_of_memory.h"

#include "exit_codes.h"

namespace cram::tool {
namespace {

int fail(const std::string& message, const std::string& hint, int code) {
  log::progress("");
  const bool color = log::use_color();
  std::cerr << (color ? "\033[31merror:\033[0m " : "error: ") << message << '\n';
  if (!hint.empty()) std::cerr << "hint: " << hint << '\n';
  return code;
}

// After the subcommand as well as before it. Groups of options are apps without a name.
void add_quiet(CLI::App& app, bool& quiet) {
  app.add_flag("-q,--quiet", quiet, "Only warnings, errors and results");
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_name().empty()) add_quiet(*command, quiet);
  }
}

// Whether nobody reads standard output any more, as after `| head`.
bool reader_is_gone() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

// Standard output is a result: half of it is none, unless its reader had enough.
void finish_output() {
  const bool written = static_cast<bool>(std::cout.flush()) && std::fflush(stdout) == 0;
  if (written || reader_is_gone()) return;
  throw Error(ErrorCode::kStorage, "standard output cannot be written");
}

int parse_and_run(const Program& program, int argc, char** argv) {
  CLI::App app(program.description, program.name);
  app.footer(kExitCodes);
  Action action;
  bool quiet = false;
  program.add(app, action);
  add_quiet(app, quiet);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = app.exit(error) == 0;
    return asked_for_help ? 0 : static_cast<int>(ErrorCode::kUsage);
  }
  if (quiet) log::set_level(log::Level::kWarning);
  const int code = action();
  finish_output();
  return code;
}

}  // namespace

int run_program(const Program& program, int argc, char** argv) {
  keep_freed_memory();
  ops::keep_tensor_memory();
  interrupt::install_handlers();
  try {
    return parse_and_run(program, argc, argv);
  } catch (const Error& error) {
    return fail(error.what(), error.hint(), error.exit_code());
  } catch (const Interrupted& interrupted) {
    return fail(interrupted.what(), "", interrupted.exit_code());
  } catch (const std::filesystem::filesystem_error& error) {
    // What cannot even be looked at: links in a circle, names that are too long, locked folders.
    return fail(error.path1().string() + ": " + error.code().message(), "",
                static_cast<int>(ErrorCode::kData));
  } catch (const std::exception& error) {
    if (train::is_out_of_memory(error)) {
      return fail("out of memory: " + train::first_line(error),
                  "lower batch.micro_batch or choose a smaller model",
                  static_cast<int>(ErrorCode::kOutOfMemory));
    }
    return fail(error.what(), "this is a defect in cram; please report it with `cram doctor`",
                static_cast<int>(ErrorCode::kInternal));
  }
}

}  // namespace cram::tool
