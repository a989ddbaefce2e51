// Paragraphs for help and comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema.h"

namespace cram::recipe {

// `text` cut at spaces into lines of at most `width` characters, longer words left whole.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// "encoder layers [1 to 1024]": what the key means, what it may be and when it has an effect.
[[nodiscard]] std::string explain(const Key& key);

}  // namespace cram::recipe
