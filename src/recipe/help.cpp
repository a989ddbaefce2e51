#include "cram/recipe/load.h"

#include "schema.h"
#include "text_layout.h"

namespace cram::recipe {
namespace {

constexpr std::size_t kWidth = 98;
constexpr std::size_t kLeftWidth = 34;

// `text` in a column of its own, to the right of `left`.
std::string beside(std::string left, const std::string& text, std::size_t left_width) {
  if (left.size() > left_width) left += "\n" + std::string(left_width, ' ');
  if (left.size() < left_width) left.resize(left_width, ' ');
  std::string result;
  for (const std::string& line : wrapped(text, kWidth - left_width)) {
    result += (result.empty() ? left : std::string(left_width, ' ')) + line + "\n";
  }
  return result;
}

std::string key_help(const Key& key, Purpose purpose) {
  const std::string indent = key.path == key.name ? "" : "  ";
  const Value value = key.default_value(purpose);
  const bool unset = std::holds_alternative<std::monostate>(value);
  const std::string left = indent + key.name + (unset ? "" : "=" + write(key.kind, value));
  return beside(left, explain(key), kLeftWidth);
}

}  // namespace

std::string help_text(Purpose purpose) {
  std::string text;
  for (const Section& section : schema(purpose)) {
    const bool top = section.name.empty();
    if (!top)
      text += "\n" + beside(section.name + ": ", section.explanation, section.name.size() + 2);
    for (const Key& key : section.keys) text += key_help(key, purpose);
    if (top) text += beside("base", std::string(kBaseExplanation), kLeftWidth);
  }
  return text;
}

}  // namespace cram::recipe
