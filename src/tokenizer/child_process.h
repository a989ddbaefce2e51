// Work that may end the process, done in a copy of it.
#pragma once

#include <functional>
#include <string>

namespace cram::tokenizer {

struct ChildResult {
  enum class End { kReturned, kExited, kKilled };
  End end;
  int signal = 0;      // that killed it
  std::string output;  // what `work` returned
  std::string log;     // what was written to standard output and error
};

// Calls `work` in a forked process and waits for it. The process is killed when this one dies or is
// asked to stop (then Interrupted is thrown). `work` may start threads but must not use locks that
// another thread of this process may hold.
[[nodiscard]] ChildResult run_in_child(const std::function<std::string()>& work);

}  // namespace cram::tokenizer
