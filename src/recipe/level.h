// One level of a recipe: what one file, or the command line, sets. A later level changes what the
// levels before it have set.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema.h"

namespace cram::recipe {

struct Setting {
  const Key* key;
  Place place;  // of the key
  Node value;
};

struct Level {
  std::vector<Setting> settings;  // in a file: no key twice; of arguments: the last one counts
  std::optional<Node> base;       // the recipe that a file starts from, a scalar
  bool of_other_purpose = false;  // there were keys that only the other purpose has
};

// Both report unknown keys, wrong shapes and repeated keys, and go on with the rest.
// Nothing is returned for a text that is not YAML.
[[nodiscard]] std::optional<Level> read_level(Purpose purpose, std::string_view yaml, int source,
                                              Problems& problems);
[[nodiscard]] Level read_arguments(Purpose purpose, const std::vector<std::string>& arguments,
                                   Problems& problems);

}  // namespace cram::recipe
