// Every key of a recipe, declared once: name, type, limits, explanation, and when it has an effect.
// Parsing, checks, suggestions, help, template and JSON Schema all come from here; the defaults
// are those of defaults() in load.h. Each purpose has a schema of its own, from the same parts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/recipe/load.h"
#include "cram/recipe/recipe.h"

#include "kind.h"

namespace cram::recipe {

// When a key has an effect at all.
struct Condition {
  std::string_view text;          // completes "has an effect only if"
  std::vector<std::string> keys;  // whose values decide
  bool (*holds)(const Recipe& recipe) = nullptr;
};

struct Key {
  std::string path;  // "model.layers"; at the top level the name alone
  std::string name;
  std::string explanation;
  Kind kind;
  Decides decides;
  std::optional<Condition> condition;
  std::function<Value(const Recipe&)> get;
  std::function<void(Recipe&, const Value&)> set;

  [[nodiscard]] bool has_effect(const Recipe& recipe) const {
    return !condition || condition->holds(recipe);
  }
  // Whether the key says something about `recipe`: it has an effect there and is set.
  [[nodiscard]] bool speaks(const Recipe& recipe) const;
  [[nodiscard]] Value default_value(Purpose purpose) const { return get(defaults(purpose)); }
};

struct Section {
  std::string name;  // empty for the keys at the top level
  std::string explanation;
  std::vector<Key> keys;
};

// Of the one key that is not part of a Recipe: it says where a file starts from.
inline constexpr std::string_view kBaseExplanation =
    "recipe that this one changes, relative to its own file; only in files";

// The top level first.
[[nodiscard]] const std::vector<Section>& schema(Purpose purpose);

// Null where recipes of this purpose have no such section or key.
[[nodiscard]] const Section* find_section(Purpose purpose, std::string_view name);
[[nodiscard]] const Key* find_key(Purpose purpose, std::string_view path);

// Whether `path` is a key or a section that only recipes of the other purpose have.
[[nodiscard]] bool belongs_to_other(Purpose purpose, std::string_view path);

// "unknown key 'model.layer'; did you mean 'model.layers'?", or for what belongs_to_other(), whose
// it is and what to do about it.
[[nodiscard]] std::string unknown_key(Purpose purpose, const std::string& path);

// The parts of the schema, one file each, with the sections and keys that the purpose has.
[[nodiscard]] std::vector<Section> run_sections(Purpose purpose);       // top level, budget
[[nodiscard]] std::vector<Section> text_sections(Purpose purpose);      // data, tokenizer, sequence
[[nodiscard]] std::vector<Section> model_sections(Purpose purpose);     // model, objective
[[nodiscard]] std::vector<Section> training_sections(Purpose purpose);  // finetune, optimizer, ...
[[nodiscard]] std::vector<Section> machine_sections(Purpose purpose);   // precision, device, ...

}  // namespace cram::recipe
