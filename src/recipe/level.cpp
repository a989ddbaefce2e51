#include "level.h"

#include <algorithm>
#include <utility>

namespace cram::recipe {
namespace {

// Walks the mappings of one file.
class LevelReader {
 public:
  LevelReader(Purpose purpose, Problems& problems) : purpose_(purpose), problems_(problems) {}

  [[nodiscard]] Level read(Node& document) {
    if (document.type == Node::Type::kNull) return {};
    if (document.type != Node::Type::kMap) {
      problems_.add(document.place, "a recipe is a mapping of keys to values, such as 'seed: 1'");
      return {};
    }
    read_map(document, nullptr);
    return std::move(level_);
  }

 private:
  // The keys of `section`, or of the top level where it is null.
  void read_map(Node& map, const Section* section) {
    std::vector<const Node*> seen;
    for (std::size_t i = 0; i + 1 < map.items.size() && !problems_.full(); i += 2) {
      const Node& key = map.items[i];
      if (key.type != Node::Type::kScalar) {
        problems_.add(key.place, "a key must be a word");
        continue;
      }
      const auto same = [&](const Node* other) { return other->text == key.text; };
      const auto first = std::find_if(seen.begin(), seen.end(), same);
      if (first != seen.end()) {
        problems_.add(key.place, "key " + shown(key.text) + " is given twice, first in line " +
                                     std::to_string((*first)->place.line));
        continue;
      }
      // An unknown key is a problem once; twice would tell nothing more.
      if (read_entry(key, map.items[i + 1], section)) seen.push_back(&key);
    }
  }

  // Returns whether the key is known.
  bool read_entry(const Node& key, Node& value, const Section* section) {
    if (section != nullptr) return read_key(key, value, section->name + "." + key.text);
    if (const Section* named = find_section(purpose_, key.text); named != nullptr) {
      read_section(*named, value);
      return true;
    }
    if (key.text == "base") {
      read_base(value);
      return true;
    }
    // A dotted key is a habit from the command line, not a way to write files.
    if (key.text.find('.') != std::string::npos && find_key(purpose_, key.text) != nullptr) {
      problems_.add(key.place, "in a file, write " + shown(key.text) + " as a section and a key");
      return false;
    }
    return read_key(key, value, key.text);
  }

  bool read_key(const Node& key, Node& value, const std::string& path) {
    const Key* known = find_key(purpose_, path);
    if (known == nullptr) {
      problems_.add(key.place, unknown_key(purpose_, path));
      if (belongs_to_other(purpose_, path)) level_.of_other_purpose = true;
      return false;
    }
    level_.settings.push_back({known, key.place, std::move(value)});
    return true;
  }

  void read_base(Node& value) {
    if (value.type != Node::Type::kScalar || value.text.empty()) {
      problems_.add(value.place, "'base' must be the path of a recipe");
      return;
    }
    level_.base = std::move(value);
  }

  void read_section(const Section& section, Node& value) {
    if (value.type == Node::Type::kNull) return;
    if (value.type != Node::Type::kMap) {
      problems_.add(value.place, shown(section.name) + " is a section: keys stand below it");
      return;
    }
    read_map(value, &section);
  }

  Purpose purpose_;
  Problems& problems_;
  Level level_;
};

// What is wrong with a path that is no key.
std::string no_key(Purpose purpose, const std::string& path) {
  if (path == "base") return "'base' can only be given in a file";
  const Section* section = find_section(purpose, path);
  if (section == nullptr) return unknown_key(purpose, path);
  return shown(path) + " is a section; name one of its keys, such as " +
         shown(section->keys.front().path + "=...");
}

void read_argument_into(Level& level, Purpose purpose, const std::string& argument,
                        Problems& problems) {
  const Place place{.source = problems.add_argument(argument)};
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    problems.add(place, "must have the form key=value");
    return;
  }
  const std::string path = argument.substr(0, equals);
  const Key* key = find_key(purpose, path);
  if (key == nullptr) {
    problems.add(place, no_key(purpose, path));
    return;
  }
  std::optional<Node> value = read_argument(argument.substr(equals + 1), place.source, problems);
  if (value) level.settings.push_back({key, place, std::move(*value)});
}

}  // namespace

std::optional<Level> read_level(Purpose purpose, std::string_view yaml, int source,
                                Problems& problems) {
  std::optional<Node> document = read_document(yaml, source, problems);
  if (!document) return std::nullopt;
  return LevelReader(purpose, problems).read(*document);
}

Level read_arguments(Purpose purpose, const std::vector<std::string>& arguments,
                     Problems& problems) {
  Level level;
  for (const std::string& argument : arguments) {
    read_argument_into(level, purpose, argument, problems);
  }
  return level;
}

}  // namespace cram::recipe
