// SIGINT, SIGTERM, SIGHUP and SIGUSR1 as a question that every long loop asks.
//
// The first SIGINT, SIGTERM or SIGHUP asks to save and stop; a second SIGINT ends the process at
// once. SIGUSR1 asks for a checkpoint and goes on.
#pragma once

#include "cram/base/error.h"

namespace cram {

// Thrown to leave a phase that has nothing worth saving; main() turns it into 128 + signal.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(int signal)
      : std::runtime_error("interrupted by signal " + std::to_string(signal)), signal_(signal) {}
  [[nodiscard]] int exit_code() const { return 128 + signal_; }

 private:
  int signal_;
};

namespace interrupt {

// SIGHUP stays ignored where it is, as under nohup.
void install_handlers();
// SIGINT and SIGTERM end the process at once again: for a command with nothing to save.
void restore_default_handlers();
// The signal that asked to stop, or 0. Safe and cheap from any thread.
[[nodiscard]] int stop_signal();
// Throws Interrupted when a signal asked to stop.
void throw_if_stopped();
// True once for each SIGUSR1.
[[nodiscard]] bool take_save_request();
// Behaves as if the signal had come; for tests, and for a loop that must stop its siblings.
void request_stop(int signal);
void clear();

}  // namespace interrupt
}  // namespace cram
