// YAML text as a small tree with places, without the parts of YAML that make recipes surprising:
// anchors, aliases, merge keys, tags and several documents in one file are problems.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "problems.h"

namespace cram::recipe {

struct Node {
  enum class Type { kNull, kScalar, kList, kMap };
  Type type = Type::kNull;
  Place place;
  std::string text = {};         // of a scalar, as written, without its quotes
  bool in_quotes = false;        // a scalar that is text, whatever it looks like
  std::vector<Node> items = {};  // of a list; of a map: key, value, key, value, ...
};

// More is no recipe.
inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;

// The text of a file that the user named. Throws Error{kUsage} that says what cannot be read:
// "recipe", "study".
[[nodiscard]] std::string read_yaml_file(const std::filesystem::path& file,
                                         const std::string& what);

// The tree of one document, a null node for an empty one. Problems are reported under `source`;
// nothing is returned when the text is not YAML at all or nested too deeply.
[[nodiscard]] std::optional<Node> read_document(std::string_view yaml, int source,
                                                Problems& problems);

// A value as it is typed on a command line. Text in brackets or quotes is YAML, all else is taken
// as it stands, so that globs and paths need no second pair of quotes.
[[nodiscard]] std::optional<Node> read_argument(std::string_view text, int source,
                                                Problems& problems);

}  // namespace cram::recipe
