// Every key of a recipe, declared once: name, type, limits, explanation, and when it has an effect.
// Parsing, checks, suggestions, help, template and JSON Schema all come from here; the defaults
// are those of the structs in recipe.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  std::optional<Condition> condition;
  std::function<Value(const Recipe&)> get;
  std::function<void(Recipe&, const Value&)> set;

  [[nodiscard]] bool has_effect(const Recipe& recipe) const {
    return !condition || condition->holds(recipe);
  }
  // Whether the key says something about `recipe`: it has an effect there and is set.
  [[nodiscard]] bool speaks(const Recipe& recipe) const;
  [[nodiscard]] Value default_value() const { return get(Recipe{}); }
};

struct Section {
  std::string name;  // empty for the keys at the top level
  std::string explanation;
  std::vector<Key> keys;
};

// Of the one key that is not part of a Recipe: it says where a file starts from.
inline constexpr std::string_view kBaseExplanation =
    "recipe that this one changes, relative to its own file; only in files";

// In the order of recipe.h, the top level first.
[[nodiscard]] const std::vector<Section>& schema();

// Null where there is no such section or key.
[[nodiscard]] const Section* find_section(std::string_view name);
[[nodiscard]] const Key* find_key(std::string_view path);

// "unknown key 'model.layer'; did you mean 'model.layers'?"
[[nodiscard]] std::string unknown_key(const std::string& path);

// The parts of the schema, one file each.
[[nodiscard]] std::vector<Section> run_sections();       // top level, budget
[[nodiscard]] std::vector<Section> text_sections();      // data, tokenizer, sequence
[[nodiscard]] std::vector<Section> model_sections();     // model, objective
[[nodiscard]] std::vector<Section> training_sections();  // optimizer, schedule, batch
[[nodiscard]] std::vector<Section> machine_sections();   // precision, device, validation, ...

}  // namespace cram::recipe
