// Small letters for ASCII capitals, as the endings of file names are compared.
#pragma once

#include <cctype>
#include <string>

namespace cram::text {

[[nodiscard]] inline std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace cram::text
