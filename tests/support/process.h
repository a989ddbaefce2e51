// Runs the real programs and looks at what they print and how they end.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cram/base/file.h"

#include "support/temp_folder.h"

namespace cram::test {

struct Finished {
  int exit_code = 0;  // 128 + signal when a signal ended it, as a shell says it
  std::string output;
  std::string errors;
};

// A child process; killed when it is still running at the end of the object's life.
class Process {
 public:
  struct Options {
    std::filesystem::path folder = ".";            // to run in
    std::optional<std::uint64_t> file_size_limit;  // of each file it writes, in bytes
  };

  Process(std::vector<std::string> command, const Options& options) {
    // They are there to be read before the child has come to write them.
    for (const char* name : {"out", "err"}) write_file_atomic(files_ / name, "");
    pid_ = fork();
    if (pid_ == 0) become(std::move(command), options);
  }
  explicit Process(std::vector<std::string> command) : Process(std::move(command), Options{}) {}

  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const { ::kill(pid_, number); }
  [[nodiscard]] std::string output_so_far() const { return read_file(files_ / "out"); }
  [[nodiscard]] std::string errors_so_far() const { return read_file(files_ / "err"); }

  // Waits until standard error holds `text`; false after `seconds`, or when the process ends first.
  [[nodiscard]] bool wait_for_error_text(const std::string& text, double seconds) const {
    return wait_until([&] { return errors_so_far().find(text) != std::string::npos; }, seconds);
  }

  template <class Condition>
  [[nodiscard]] bool wait_until(Condition condition, double seconds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      if (condition()) return true;
      siginfo_t info{};
      const bool ended =
          ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          info.si_pid != 0;
      if (ended) return condition();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  Finished wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, output_so_far(), errors_so_far()};
  }

 private:
  [[noreturn]] void become(std::vector<std::string> command, const Options& options) const {
    const auto redirect = [&](const std::string& name, int target) {
      const int fd = ::open((files_ / name).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(fd, target);
    };
    redirect("out", STDOUT_FILENO);
    redirect("err", STDERR_FILENO);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    if (options.file_size_limit) {
      const rlimit limit{*options.file_size_limit, *options.file_size_limit};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    if (::chdir(options.folder.c_str()) == 0) ::execv(arguments[0], arguments.data());
    ::_exit(126);
  }

  TempFolder files_;
  pid_t pid_;
};

inline Finished run(std::vector<std::string> command, const Process::Options& options = {}) {
  return Process(std::move(command), options).wait();
}

}  // namespace cram::test
