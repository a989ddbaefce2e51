#include "part.h"

#include <CLI/CLI.hpp>

#include "cram/base/error.h"

namespace cram::tool {

Part read_part(const std::string& text) {
  const std::size_t slash = text.find('/');
  std::size_t number = 0;
  std::size_t count = 0;
  if (slash == std::string::npos || !CLI::detail::lexical_cast(text.substr(0, slash), number) ||
      !CLI::detail::lexical_cast(text.substr(slash + 1), count) || number < 1 || number > count) {
    throw Error(ErrorCode::kUsage, "--part: '" + text + "' is not one of several, such as 2/8");
  }
  return {.number = number - 1, .count = count};
}

}  // namespace cram::tool
