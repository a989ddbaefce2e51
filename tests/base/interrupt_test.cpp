#include "cram/base/interrupt.h"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cram::interrupt {
namespace {

// Runs `action` in a child with the handlers installed and returns the child's exit code.
template <class Action>
int exit_code_of(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    install_handlers();
    _exit(action());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Interrupt, TurnsASignalIntoAQuestion) {
  EXPECT_EQ(exit_code_of([] {
              if (stop_signal() != 0) return 1;
              raise(SIGTERM);
              try {
                throw_if_stopped();
              } catch (const Interrupted& interrupted) {
                return interrupted.exit_code();
              }
              return 2;
            }),
            128 + SIGTERM);
}

TEST(Interrupt, LeavesAnIgnoredHangUpIgnored) {
  EXPECT_EQ(exit_code_of([] {
              ::signal(SIGHUP, SIG_IGN);
              install_handlers();
              raise(SIGHUP);
              return stop_signal() == 0 ? 0 : 1;
            }),
            0);
}

TEST(Interrupt, EndsTheProcessWhereNothingIsToBeSaved) {
  EXPECT_EQ(exit_code_of([] {
              restore_default_handlers();
              raise(SIGTERM);
              return 0;
            }),
            -SIGTERM);
}

TEST(Interrupt, EndsAtOnceOnTheSecondControlC) {
  EXPECT_EQ(exit_code_of([] {
              raise(SIGINT);
              raise(SIGINT);
              return 3;
            }),
            128 + SIGINT);
}

TEST(Interrupt, PassesEachSaveRequestOnOnce) {
  EXPECT_EQ(exit_code_of([] {
              raise(SIGUSR1);
              const bool first = take_save_request();
              const bool second = take_save_request();
              return first && !second && stop_signal() == 0 ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace cram::interrupt
