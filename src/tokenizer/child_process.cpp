#include "child_process.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <thread>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

#include "memory_file.h"

namespace cram::tokenizer {
namespace {

constexpr int kReturned = 0;
constexpr int kThrew = 1;
constexpr auto kPollInterval = std::chrono::milliseconds(20);

// A forked process, killed and reaped at the end of its scope.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The status when it has ended.
  [[nodiscard]] bool has_ended(int& status) {
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
    pid_ = 0;
    return true;
  }

 private:
  pid_t pid_;
};

[[noreturn]] void run_child(const std::function<std::string()>& work, const MemoryFile& output,
                            const MemoryFile& log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(log.descriptor(), STDOUT_FILENO);
  ::dup2(log.descriptor(), STDERR_FILENO);
  try {
    output.write(work());
    ::_exit(kReturned);
  } catch (const std::exception& error) {
    log.write(error.what());
  }
  ::_exit(kThrew);
}

int wait_for(Child& child) {
  int status = 0;
  while (!child.has_ended(status)) {
    interrupt::throw_if_stopped();
    std::this_thread::sleep_for(kPollInterval);
  }
  return status;
}

}  // namespace

ChildResult run_in_child(const std::function<std::string()>& work) {
  const MemoryFile output;
  const MemoryFile log;
  std::fflush(nullptr);  // or the child would write the same buffers again if it exits
  const pid_t pid = ::fork();
  if (pid == 0) run_child(work, output, log);
  if (pid < 0) {
    throw Error(ErrorCode::kInternal,
                std::string("cannot start a process: ") + std::strerror(errno));
  }
  Child child(pid);
  const int status = wait_for(child);
  ChildResult result{.end = ChildResult::End::kExited, .output = output.read(), .log = log.read()};
  if (WIFSIGNALED(status)) {
    result.end = ChildResult::End::kKilled;
    result.signal = WTERMSIG(status);
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == kReturned) {
    result.end = ChildResult::End::kReturned;
  }
  return result;
}

}  // namespace cram::tokenizer
