#include "schema.h"

#include <iterator>

#include "suggest.h"

namespace cram::recipe {
namespace {

std::vector<Section> build_schema() {
  std::vector<Section> sections;
  for (auto part :
       {run_sections, text_sections, model_sections, training_sections, machine_sections}) {
    std::vector<Section> more = part();
    std::move(more.begin(), more.end(), std::back_inserter(sections));
  }
  return sections;
}

std::string did_you_mean(const std::vector<std::string>& paths) {
  std::string text = "; did you mean ";
  for (const std::string& path : paths) text += (&path == &paths[0] ? "" : " or ") + shown(path);
  return text + "?";
}

// Keys that have the right name in the wrong place.
std::vector<std::string> paths_of_name(std::string_view name) {
  std::vector<std::string> paths;
  for (const Section& section : schema()) {
    for (const Key& key : section.keys) {
      if (key.name == name) paths.push_back(key.path);
    }
  }
  return paths;
}

std::vector<std::string> all_paths() {
  std::vector<std::string> paths = {"base"};
  for (const Section& section : schema()) {
    if (!section.name.empty()) paths.push_back(section.name);
    for (const Key& key : section.keys) paths.push_back(key.path);
  }
  return paths;
}

std::string keys_of(const Section& section) {
  std::string text = "; the keys of " + shown(section.name) + " are ";
  for (const Key& key : section.keys) text += (&key == &section.keys[0] ? "" : ", ") + key.name;
  return text;
}

}  // namespace

bool Key::speaks(const Recipe& recipe) const {
  return has_effect(recipe) && !std::holds_alternative<std::monostate>(get(recipe));
}

const std::vector<Section>& schema() {
  static const std::vector<Section> sections = build_schema();
  return sections;
}

const Section* find_section(std::string_view name) {
  for (const Section& section : schema()) {
    if (!section.name.empty() && section.name == name) return &section;
  }
  return nullptr;
}

const Key* find_key(std::string_view path) {
  for (const Section& section : schema()) {
    for (const Key& key : section.keys) {
      if (key.path == path) return &key;
    }
  }
  return nullptr;
}

std::string unknown_key(const std::string& path) {
  const std::string message = "unknown key " + shown(path);
  const std::size_t dot = path.find('.');
  const std::string section_name = path.substr(0, dot);
  const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  const Section* section = dot == std::string::npos ? nullptr : find_section(section_name);
  if (section != nullptr) {
    std::vector<std::string> names;
    for (const Key& key : section->keys) names.push_back(key.name);
    const std::string meant = nearest(name, names);
    if (!meant.empty()) return message + did_you_mean({section_name + "." + meant});
  }
  const std::vector<std::string> elsewhere = paths_of_name(name);
  if (!elsewhere.empty()) return message + did_you_mean(elsewhere);
  if (section != nullptr) return message + keys_of(*section);
  const std::string meant = nearest(path, all_paths());
  return meant.empty() ? message : message + did_you_mean({meant});
}

}  // namespace cram::recipe
