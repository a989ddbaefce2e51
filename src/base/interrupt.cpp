#include "cram/base/interrupt.h"

#include <atomic>

#include <signal.h>
#include <unistd.h>

namespace cram::interrupt {
namespace {

// A signal handler can reach nothing but objects of static storage.
std::atomic<int> stop{0};
std::atomic<bool> save{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void handle(int signal) {
  if (signal == SIGUSR1) {
    save = true;
    return;
  }
  const int earlier = stop.exchange(signal);
  if (earlier != 0 && signal == SIGINT) _exit(128 + signal);
}

}  // namespace

void install_handlers() {
  struct sigaction action = {};
  action.sa_handler = handle;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaction(signal, &action, nullptr);
  // Under nohup, which ignores it, the end of the terminal is not the end of the run.
  struct sigaction before = {};
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  // A closed pipe or a file-size limit shows as a failed write, which is reported with its file.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

void restore_default_handlers() {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
}

int stop_signal() { return stop.load(std::memory_order_relaxed); }

void throw_if_stopped() {
  if (const int signal = stop_signal()) throw Interrupted(signal);
}

bool take_save_request() { return save.exchange(false); }

void request_stop(int signal) { stop = signal; }

void clear() {
  stop = 0;
  save = false;
}

}  // namespace cram::interrupt
