// Text from hostile input, made fit for one line of a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cram::text {

// Valid UTF-8 without control characters, of at most about `max_bytes` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 120);

}  // namespace cram::text
