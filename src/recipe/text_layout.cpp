#include "text_layout.h"

#include <algorithm>

namespace cram::recipe {

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, size);
    if (!line.empty() && line.size() + 1 + size > width) {
      lines.push_back(line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string explain(const Key& key) {
  std::string text = key.explanation;
  // A key that is unset has no value that would show its type.
  const std::string limits = key.kind.optional ? describe(key.kind) : describe_limits(key.kind);
  if (!limits.empty()) text += " [" + limits + "]";
  if (key.condition) text += " (only if " + std::string(key.condition->text) + ")";
  return text;
}

}  // namespace cram::recipe
