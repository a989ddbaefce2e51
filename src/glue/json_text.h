// JSON from users' files.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cram::glue {

struct JsonText {
  nlohmann::json value;
  std::string defect;  // why `value` cannot be used; empty where it can
};

// Valid UTF-8 throughout. An object that names a member twice is a defect,
// and so is nesting without end.
[[nodiscard]] JsonText parse_json(std::string_view text);

// "a text", "a number", … for messages.
[[nodiscard]] std::string kind_of(const nlohmann::json& value);

}  // namespace cram::glue
