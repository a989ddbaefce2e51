// Base64 (RFC 4648), as tokenizer.json carries binary rules.
#pragma once

#include <string>
#include <string_view>

namespace cram::tokenizer {

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace cram::tokenizer
