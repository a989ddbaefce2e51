// From files and command-line overrides to a checked Recipe, and from the schema to everything
// that describes recipes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cram/recipe/recipe.h"

namespace cram::recipe {

// One thing wrong with a recipe. `where` is "file:line:column" or "argument 'key=value'".
struct Problem {
  std::string where;
  std::string text;
};

// Reads `file` and the chain of recipes it names with `base:` (paths relative to the naming file),
// applies "section.key=value" overrides in order and checks everything.
// Throws Error{kUsage} whose message lists all problems, one a line, sorted by place.
[[nodiscard]] Recipe load(const std::filesystem::path& file,
                          const std::vector<std::string>& overrides = {});

// The same from text; `name` stands for the file in messages. `base:` is resolved against the
// current folder.
[[nodiscard]] Recipe parse(std::string_view yaml, const std::string& name,
                           const std::vector<std::string>& overrides = {});

// The resolved recipe as YAML that load() reads back to an equal recipe. With `comments`, each key
// carries its explanation (the template of `cram recipe template`).
enum class Comments { kNone, kAll };
[[nodiscard]] std::string to_yaml(const Recipe& recipe, Comments comments = Comments::kNone);

// JSON Schema (draft 2020-12) for editors.
[[nodiscard]] std::string json_schema();

// Every key with type, default, range and explanation, as text for `--help`.
[[nodiscard]] std::string help_text();

// Two resolved recipes, key by key.
struct Difference {
  std::string key, left, right;
};
[[nodiscard]] std::vector<Difference> differences(const Recipe& left, const Recipe& right);

}  // namespace cram::recipe
