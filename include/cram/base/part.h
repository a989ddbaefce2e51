// Which part of a work a process begins with, of all that share it.
#pragma once

#include <cstddef>

namespace cram {

struct Part {
  std::size_t number = 0;  // below count
  std::size_t count = 1;
};

}  // namespace cram
