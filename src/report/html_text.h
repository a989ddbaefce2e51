// Text made safe to stand in HTML and SVG, in elements and in attributes.
#pragma once

#include <string>
#include <string_view>

namespace cram::report {

// Escapes markup, drops control characters and replaces bytes that are not UTF-8.
[[nodiscard]] std::string html_text(std::string_view text);

}  // namespace cram::report
