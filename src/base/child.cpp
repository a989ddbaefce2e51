#include "cram/base/child.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cram/base/error.h"

namespace cram {
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

class AppendedFile {
 public:
  explicit AppendedFile(const std::filesystem::path& file)
      : descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) {
      throw Error(ErrorCode::kStorage, file.string() + ": " + std::strerror(errno));
    }
  }
  ~AppendedFile() { ::close(descriptor_); }
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::vector<std::string>& environment,
             const Files& files) {
  // All memory is taken before the fork: between it and exec there may be no lock.
  std::vector<std::string> arguments = command;
  // The first of two entries with one name counts.
  std::vector<std::string> variables = with_own_environment(environment);
  const std::vector<char*> argv = pointers(arguments), envp = pointers(variables);
  const AppendedFile output(files.output), errors(files.errors);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output.descriptor(), STDOUT_FILENO);
    ::dup2(errors.descriptor(), STDERR_FILENO);
    ::execve(argv.front(), argv.data(), envp.data());
    ::_exit(127);
  }
  const int failure = errno;
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
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  // Where nobody collects exit codes (SIGCHLD is ignored), how it ended is lost: not well, then.
  if (ended < 0 && errno == ECHILD) exit_code_ = 1;
  if (ended != pid_) return exit_code_;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return exit_code_;
}

}  // namespace cram
