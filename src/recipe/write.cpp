// A recipe back into YAML, and recipes compared.
#include <algorithm>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

#include "schema.h"
#include "text_layout.h"

namespace cram::recipe {
namespace {

constexpr std::size_t kLineWidth = 100;

std::string comment(const std::string& text, const std::string& indent) {
  std::string result;
  for (const std::string& line : wrapped(text, kLineWidth - indent.size() - 2)) {
    result += indent + "# " + line + "\n";
  }
  return result;
}

// Keys that say nothing are left out or, among comments, become comments themselves.
std::string key_lines(const Key& key, const Recipe& recipe, Comments comments,
                      const std::string& indent) {
  const bool speaks = key.speaks(recipe);
  if (comments == Comments::kNone && !speaks) return {};
  std::string text;
  if (comments == Comments::kAll) text = comment(explain(key), indent);
  const Value value = key.get(recipe);
  const bool unset = std::holds_alternative<std::monostate>(value);
  const std::string written = unset ? "" : " " + write(key.kind, value);
  return text + indent + (speaks ? "" : "# ") + key.name + ":" + written + "\n";
}

std::string section_lines(const Section& section, const Recipe& recipe, Comments comments) {
  const bool top = section.name.empty();
  std::string lines;
  for (const Key& key : section.keys) lines += key_lines(key, recipe, comments, top ? "" : "  ");
  if (top || lines.empty()) return lines;
  const std::string note = comments == Comments::kAll ? comment(section.explanation, "") : "";
  return "\n" + note + section.name + ":\n" + lines;
}

// What a key says, or nothing.
std::string said(const Key& key, const Recipe& recipe) {
  return key.speaks(recipe) ? write(key.kind, key.get(recipe)) : "";
}

}  // namespace

std::string to_yaml(const Recipe& recipe, Comments comments) {
  std::string text;
  for (const Section& section : schema(recipe.purpose)) {
    text += section_lines(section, recipe, comments);
  }
  return text;
}

std::string template_yaml(Purpose purpose) {
  Recipe recipe = defaults(purpose);
  std::string needs = "A recipe for fine-tuning needs no key; keep those that you change.";
  if (purpose == Purpose::kPretraining) {
    recipe.budget.time = Seconds(3600);
    recipe.data.sources = {"my-text"};
    needs = "A recipe needs data.sources and a budget; leave out the rest.";
  }
  return "# A recipe with every key at its default. Keys that are comments have no effect in this\n"
         "# combination or are unset. " +
         needs + "\n\n" + to_yaml(recipe, Comments::kAll);
}

std::vector<Difference> differences(const Recipe& left, const Recipe& right) {
  if (left.purpose != right.purpose) {
    throw Error(ErrorCode::kUsage,
                "a recipe for pretraining and one for fine-tuning have too little in common to be "
                "compared");
  }
  std::vector<Difference> result;
  for (const Section& section : schema(left.purpose)) {
    for (const Key& key : section.keys) {
      Difference difference{key.path, said(key, left), said(key, right), key.decides};
      if (difference.left != difference.right) result.push_back(std::move(difference));
    }
  }
  return result;
}

bool have_same_result(const Recipe& left, const Recipe& right) {
  const std::vector<Difference> found = differences(left, right);
  return std::all_of(found.begin(), found.end(), [](const Difference& difference) {
    return difference.decides == Decides::kNothing;
  });
}

}  // namespace cram::recipe
