// From files and command-line overrides to a checked Recipe, and from the schema to everything
// that describes recipes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cram/recipe/recipe.h"

namespace cram::recipe {

// The model of the folder that model.from names, given the recipe as it is written. What it throws
// comes out of load().
using ReadModel = std::function<Model(const Recipe& written)>;

// Reads `file` and the chain of recipes it names with `base:` (paths relative to the naming file),
// applies "section.key=value" overrides in order and checks everything.
// Keys that have no effect in the chosen combination come back at their defaults; setting one is a
// problem, inheriting one is not. Keys that only the other purpose has are problems, too.
//
// Where model.from names a folder, `read_model` says what is in it, and that is the architecture: a
// key of it that was set below model.from gives way, one that is set beside or above it and differs
// is a problem. What only training goes by (dropout, initial weights) is the recipe's where it is
// set beside or above. Without `read_model`, and so in the record of a run, keys are what they say.
//
// Throws Error{kUsage}. Its message lists all problems as "file:line:column: text" or "argument
// 'key=value': text", sorted by place: a single one by itself, several below a line with their
// number.
[[nodiscard]] Recipe load(const std::filesystem::path& file,
                          const std::vector<std::string>& overrides = {},
                          Purpose purpose = Purpose::kPretraining,
                          const ReadModel& read_model = {});

// The same from text; `name` stands for the file in messages. `base:` is resolved against the
// current folder.
[[nodiscard]] Recipe parse(std::string_view yaml, const std::string& name,
                           const std::vector<std::string>& overrides = {},
                           Purpose purpose = Purpose::kPretraining,
                           const ReadModel& read_model = {});

// What a recipe without a key says: for pretraining what recipe.h says, for fine-tuning the
// protocol of the Cramming paper (configs/glue-sane.yaml).
[[nodiscard]] Recipe defaults(Purpose purpose);

// A recipe that load() returned, as YAML that load() reads back to an equal recipe. Without
// comments, unset keys and keys without effect are left out; with them, every key carries its
// explanation, and those keys are comments.
enum class Comments { kNone, kAll };
[[nodiscard]] std::string to_yaml(const Recipe& recipe, Comments comments = Comments::kNone);

// A recipe to start from: every key with its default and its explanation. load() accepts it.
[[nodiscard]] std::string template_yaml(Purpose purpose = Purpose::kPretraining);

// JSON Schema (draft 2020-12) for editors.
[[nodiscard]] std::string json_schema(Purpose purpose = Purpose::kPretraining);

// Every key with its default, limits and explanation, grouped by section, in lines of at most 100
// characters: the second half of `--help`.
[[nodiscard]] std::string help_text(Purpose purpose = Purpose::kPretraining);

// What a key decides about a run, and so what becomes of the run when the key changes.
enum class Decides {
  kNothing,  // of what comes out: where files go, what is saved and measured on the way, how fast
  kResult,   // the weights of pretraining, the scores of a seed of fine-tuning
  kState,    // what saved weights and positions mean as well: no run can go on with another value
};

// Two resolved recipes, key by key; empty where a key is unset or has no effect. Throws
// Error{kUsage} when they are not for the same purpose.
struct Difference {
  std::string key, left, right;
  Decides decides = Decides::kResult;
};
[[nodiscard]] std::vector<Difference> differences(const Recipe& left, const Recipe& right);

// Whether runs of the two give the same: no key differs that decides anything. More seeds of
// fine-tuning add to what the others give. Throws as differences().
[[nodiscard]] bool have_same_result(const Recipe& left, const Recipe& right);

// Whether a text may be a recipe's device.type.
[[nodiscard]] bool is_device(std::string_view text);

}  // namespace cram::recipe
