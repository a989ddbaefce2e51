#include "cram/text/printable.h"

#include "cram/text/utf8.h"

namespace cram::text {

std::string printable(std::string_view text, std::size_t max_bytes) {
  const bool shortened = text.size() > max_bytes;
  std::string line = repair_utf8(shortened ? text.substr(0, utf8_boundary(text, max_bytes)) : text);
  for (char& byte : line) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value == 0x7F) byte = '?';
  }
  return shortened ? line + "…" : line;
}

}  // namespace cram::text
