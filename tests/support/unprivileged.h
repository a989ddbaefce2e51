// Who may not do everything.
#pragma once

#include <unistd.h>

namespace cram::test {

// For a process of its own: permissions do not bind root, as which tests often run in containers.
[[nodiscard]] inline bool give_up_root() {
  constexpr uid_t kNobody = 65534;
  return geteuid() != 0 || setuid(kNobody) == 0;
}

}  // namespace cram::test
