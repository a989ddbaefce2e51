#include "schema.h"

#include <iterator>

#include "suggest.h"

namespace cram::recipe {
namespace {

std::vector<Section> build_schema(Purpose purpose) {
  std::vector<Section> sections;
  for (auto part :
       {run_sections, text_sections, model_sections, training_sections, machine_sections}) {
    std::vector<Section> more = part(purpose);
    std::move(more.begin(), more.end(), std::back_inserter(sections));
  }
  return sections;
}

Purpose other(Purpose purpose) {
  return purpose == Purpose::kPretraining ? Purpose::kFineTuning : Purpose::kPretraining;
}

std::string did_you_mean(const std::vector<std::string>& paths) {
  std::string text = "; did you mean ";
  for (const std::string& path : paths) text += (&path == &paths[0] ? "" : " or ") + shown(path);
  return text + "?";
}

// Keys that have the right name in the wrong place.
std::vector<std::string> paths_of_name(Purpose purpose, std::string_view name) {
  std::vector<std::string> paths;
  for (const Section& section : schema(purpose)) {
    for (const Key& key : section.keys) {
      if (key.name == name) paths.push_back(key.path);
    }
  }
  return paths;
}

std::vector<std::string> all_paths(Purpose purpose) {
  std::vector<std::string> paths = {"base"};
  for (const Section& section : schema(purpose)) {
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

// What a fine-tuning recipe has in the place of a section of pretraining.
std::string instead_of(const std::string& section) {
  if (section == "model" || section == "tokenizer") {
    return "a fine-tuning recipe takes the " + section + " from --checkpoint";
  }
  if (section == "budget") return "fine-tuning takes as long as 'finetune.epochs' says";
  if (section == "sequence") return "examples have the length that 'finetune.max_length' allows";
  if (section == "data") return "the examples come with the task";
  return "fine-tuning has no use for it";
}

std::string whose(Purpose purpose, const std::string& path) {
  if (purpose == Purpose::kPretraining) {
    return shown(path) + " belongs to fine-tuning: give it to `cram finetune`";
  }
  const std::size_t dot = path.find('.');
  const std::string text =
      shown(path) + " belongs to pretraining: " + instead_of(path.substr(0, dot));
  if (dot == std::string::npos) return text;
  const std::string namesake = "finetune." + path.substr(dot + 1);
  return find_key(purpose, namesake) == nullptr ? text : text + did_you_mean({namesake});
}

}  // namespace

bool Key::speaks(const Recipe& recipe) const {
  return has_effect(recipe) && !std::holds_alternative<std::monostate>(get(recipe));
}

const std::vector<Section>& schema(Purpose purpose) {
  static const std::vector<Section> pretraining = build_schema(Purpose::kPretraining);
  static const std::vector<Section> fine_tuning = build_schema(Purpose::kFineTuning);
  return purpose == Purpose::kPretraining ? pretraining : fine_tuning;
}

const Section* find_section(Purpose purpose, std::string_view name) {
  for (const Section& section : schema(purpose)) {
    if (!section.name.empty() && section.name == name) return &section;
  }
  return nullptr;
}

const Key* find_key(Purpose purpose, std::string_view path) {
  for (const Section& section : schema(purpose)) {
    for (const Key& key : section.keys) {
      if (key.path == path) return &key;
    }
  }
  return nullptr;
}

bool belongs_to_other(Purpose purpose, std::string_view path) {
  const auto knows = [path](Purpose any) {
    return find_section(any, path) != nullptr || find_key(any, path) != nullptr;
  };
  return !knows(purpose) && knows(other(purpose));
}

std::string unknown_key(Purpose purpose, const std::string& path) {
  if (belongs_to_other(purpose, path)) return whose(purpose, path);
  const std::string message = "unknown key " + shown(path);
  const std::size_t dot = path.find('.');
  const std::string section_name = path.substr(0, dot);
  const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  const Section* section = dot == std::string::npos ? nullptr : find_section(purpose, section_name);
  if (section != nullptr) {
    std::vector<std::string> names;
    for (const Key& key : section->keys) names.push_back(key.name);
    const std::string meant = nearest(name, names);
    if (!meant.empty()) return message + did_you_mean({section_name + "." + meant});
  }
  const std::vector<std::string> elsewhere = paths_of_name(purpose, name);
  if (!elsewhere.empty()) return message + did_you_mean(elsewhere);
  if (section != nullptr) return message + keys_of(*section);
  const std::string meant = nearest(path, all_paths(purpose));
  return meant.empty() ? message : message + did_you_mean({meant});
}

}  // namespace cram::recipe
