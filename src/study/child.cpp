#include "child.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cram/base/error.h"

namespace cram::study {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> with_own_environment(std::vector<std::string> environment) {
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  return environment;
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::vector<std::string>& environment,
             const std::filesystem::path& log) {
  // All memory is taken before the fork: between it and exec there may be no lock.
  std::vector<std::string> arguments = command;
  // The first of two entries with one name counts.
  std::vector<std::string> variables = with_own_environment(environment);
  const std::vector<char*> argv = pointers(arguments), envp = pointers(variables);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (output < 0) {
    throw Error(ErrorCode::kStorage, log.string() + ": " + std::strerror(errno));
  }
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execve(argv.front(), argv.data(), envp.data());
    ::_exit(127);
  }
  const int failure = errno;
  ::close(output);
  if (pid_ < 0) {
    throw Error(ErrorCode::kInternal,
                std::string("cannot start a process: ") + std::strerror(failure));
  }
}

Child::~Child() {
  if (exit_code()) return;
  ask_to_stop();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Child::ask_to_stop() const {
  if (!exit_code_) ::kill(pid_, SIGTERM);
}

std::optional<int> Child::exit_code() {
  if (exit_code_) return exit_code_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return exit_code_;
}

}  // namespace cram::study
