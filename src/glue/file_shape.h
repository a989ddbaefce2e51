// What a user's file is, by its name, and the objects of those that are JSON lines.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lines.h"

namespace cram::glue {

enum class FileShape { kTsv, kCsv, kJsonl, kConll, kSquad };

// By the name's ending, in any case, packed or not. Throws Error{kData} for any other.
[[nodiscard]] FileShape shape_of(const std::filesystem::path& path);

// The object on the next line that is not blank; nothing at the end. Throws Error{kData}.
[[nodiscard]] std::optional<nlohmann::json> next_object(Lines& lines);

}  // namespace cram::glue
