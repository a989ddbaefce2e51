// The machine that this runs on.
#pragma once

#include <string>

namespace cram {

// Its name in the network; "localhost" where it has none.
[[nodiscard]] std::string host_name();

}  // namespace cram
