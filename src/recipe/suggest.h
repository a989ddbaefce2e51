// "Did you mean": the valid word that is nearest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cram::recipe {

// Letters to insert, delete, replace or swap with their neighbour to get from one word to the
// other; upper and lower case are alike, and so are '-' and '_'.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

// The nearest of `words`, the first one among equals; empty when none is near enough to be meant.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& words);

}  // namespace cram::recipe
