// The one exception type of the project, and the exit codes that scripts may rely on.
//
// Library code throws Error and never exits, aborts or prints. main() catches it once and prints
//   error: <message>
//   hint: <hint>
#pragma once

#include <stdexcept>
#include <string>

namespace cram {

// The numbers are the process exit codes; they are documented and never change.
enum class ErrorCode {
  kInternal = 1,     // a defect in cram, or something nobody foresaw
  kUsage = 2,        // wrong command line or recipe
  kData = 3,         // text, tokenizer, shard or model files that cannot be used
  kOutOfMemory = 4,  // even the smallest micro-batch does not fit
  kDiverged = 5,     // the loss is not finite any more
  kStorage = 6,      // disk full, unwritable folder, folder in use
};

class Error : public std::runtime_error {
 public:
  // `message` is one line and names file and place; `hint` says what to do and may be empty.
  Error(ErrorCode code, const std::string& message, std::string hint = "")
      : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] int exit_code() const { return static_cast<int>(code_); }
  [[nodiscard]] const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string hint_;
};

}  // namespace cram
