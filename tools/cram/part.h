// The option --part of commands whose work several processes share.
#pragma once

#include <string>

#include "cram/base/part.h"

namespace cram::tool {

// "2/8": the second of eight. Throws Error{kUsage} for anything else.
[[nodiscard]] Part read_part(const std::string& text);

}  // namespace cram::tool
