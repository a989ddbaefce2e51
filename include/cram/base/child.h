// A program that runs beside this one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace cram {

// Gets SIGTERM when this process dies; at the end of its scope it is asked to stop and waited for.
class Child {
 public:
  // Appends what it writes to these files, which may be the same. `environment`: "NAME=value",
  // beside what this process has. Throws Error{kInternal} when it cannot be started, kStorage when
  // a file cannot be written.
  struct Files {
    std::filesystem::path output, errors;
  };
  Child(const std::vector<std::string>& command, const std::vector<std::string>& environment,
        const Files& files);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void ask_to_stop() const;
  // Its exit code once it has ended, 128 + signal where that ended it.
  [[nodiscard]] std::optional<int> exit_code();

 private:
  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace cram
