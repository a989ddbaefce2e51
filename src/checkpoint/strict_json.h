// JSON from outside, read with suspicion.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cram::checkpoint {

// Parses one JSON value. Repeated keys, nesting deeper than `max_depth`, text that is not UTF-8 and
// anything after the value are Error{kData} whose message starts with `where`.
[[nodiscard]] nlohmann::json parse_strict_json(std::string_view text, int max_depth,
                                               const std::string& where);

// The start of a text that may be hostile, quoted and in ASCII, for messages.
[[nodiscard]] std::string printable(const std::string& text);

}  // namespace cram::checkpoint
