#include "cram/recipe/study.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>

#include "cram/base/error.h"
#include "cram/recipe/held_out.h"

#include "document.h"
#include "problems.h"

namespace cram::recipe {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint = "include/cram/recipe/study.h and configs/study show what one holds";

// What the file says, by itself.
struct Variant {
  std::string name;
  Place place;
  std::string recipe;
  std::vector<std::string> settings;
  std::vector<std::int64_t> seeds;
};

template <typename T>
std::optional<T> number(const Node& node) {
  T value{};
  const char* end = node.text.data() + node.text.size();
  const auto result = std::from_chars(node.text.data(), end, value);
  const bool read = result.ec == std::errc() && result.ptr == end && !node.text.empty();
  return read ? std::optional(value) : std::nullopt;
}

bool is_name(const std::string& text) {
  const auto allowed = [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 0x80) || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= 64 && std::isalnum(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), allowed);
}

class StudyReader {
 public:
  explicit StudyReader(Problems& problems) : problems_(problems) {}

  void read(const Node& document) {
    read_map(document, "a study is a mapping of keys to values",
             {{"name", [&](const Node& value) { read_name(value, name); }},
              {"recipe", [&](const Node& value) { read_text(value, recipe_); }},
              {"settings", [&](const Node& value) { read_settings(value, settings_); }},
              {"seeds", [&](const Node& value) { read_seeds(value, seeds_); }},
              {"target_loss", [&](const Node& value) { read_target(value); }},
              {"glue", [&](const Node& value) { read_glue(value); }},
              {"text", [&](const Node& value) { read_sources(value); }},
              {"variants", [&](const Node& value) { variants_node_ = &value; }}});
    if (variants_node_ == nullptr) {
      problems_.add(document.place, "a study needs 'variants'");
    } else {
      read_variants(*variants_node_);
    }
  }

  std::string name;
  std::optional<double> target_loss;
  std::optional<StudyGlue> glue;
  std::vector<std::string> sources;
  std::vector<Variant> variants;

 private:
  using Readers = std::map<std::string, std::function<void(const Node&)>>;

  void read_map(const Node& node, const char* what, const Readers& readers) {
    if (node.type != Node::Type::kMap) return problems_.add(node.place, what);
    std::vector<std::string> seen;
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      const Node& key = node.items[i];
      const auto reader = readers.find(key.text);
      if (key.type != Node::Type::kScalar || reader == readers.end()) {
        problems_.add(key.place, "unknown key " + shown(key.text));
      } else if (std::find(seen.begin(), seen.end(), key.text) != seen.end()) {
        problems_.add(key.place, "key " + shown(key.text) + " is given twice");
      } else {
        seen.push_back(key.text);
        reader->second(node.items[i + 1]);
      }
    }
  }

  bool read_text(const Node& node, std::string& text) {
    if (node.type != Node::Type::kScalar || node.text.empty()) {
      problems_.add(node.place, "a text was expected here");
      return false;
    }
    text = node.text;
    return true;
  }

  void read_name(const Node& node, std::string& text) {
    if (!read_text(node, text) || is_name(text)) return;
    problems_.add(node.place, shown(text) + " is no name: letters, digits, '-', '_' and '.'");
  }

  void read_target(const Node& node) {
    target_loss = number<double>(node);
    if (target_loss && std::isfinite(*target_loss) && *target_loss > 0) return;
    problems_.add(node.place, "'target_loss' must be a positive number");
  }

  void read_list(const Node& node, const char* what, const std::function<bool(const Node&)>& item) {
    bool good = node.type == Node::Type::kList || node.type == Node::Type::kNull;
    for (const Node& entry : node.items) good = good && item(entry);
    if (!good) problems_.add(node.place, what);
  }

  void read_settings(const Node& node, std::vector<std::string>& settings) {
    read_list(node, "settings are a list such as [model.gated=false, batch.size=64]",
              [&](const Node& entry) {
                if (entry.type != Node::Type::kScalar || entry.text.find('=') == std::string::npos)
                  return false;
                settings.push_back(entry.text);
                return true;
              });
  }

  void read_glue(const Node& node) {
    std::string data = "data/glue", file;
    glue.emplace();
    read_map(node, "'glue' is a mapping with the keys tasks, data, recipe and settings",
             {{"tasks", [&](const Node& value) { read_tasks(value); }},
              {"data", [&](const Node& value) { read_text(value, data); }},
              {"recipe", [&](const Node& value) { read_text(value, file); }},
              {"settings", [&](const Node& value) { read_settings(value, glue->settings); }}});
    if (glue->tasks.empty()) problems_.add(node.place, "'glue' needs 'tasks', such as [sst2, rte]");
    glue->data = data;
    glue->file = file;
  }

  void read_tasks(const Node& node) {
    std::vector<std::string>& tasks = glue->tasks;
    read_list(node, "tasks are a list of different names, such as [sst2, rte]",
              [&](const Node& entry) {
                if (entry.type != Node::Type::kScalar || !is_name(entry.text)) return false;
                if (std::find(tasks.begin(), tasks.end(), entry.text) != tasks.end()) return false;
                tasks.push_back(entry.text);
                return true;
              });
  }

  void read_sources(const Node& node) {
    read_list(node, "'text' is a list of files, folders and globs, such as [data/wikipedia]",
              [&](const Node& entry) {
                if (entry.type != Node::Type::kScalar || entry.text.empty()) return false;
                sources.push_back(entry.text);
                return true;
              });
    if (sources.empty()) problems_.add(node.place, "'text' names no source");
  }

  void read_seeds(const Node& node, std::vector<std::int64_t>& seeds) {
    seeds.clear();
    read_list(node, "seeds are a list of different whole numbers, such as [0, 1, 2]",
              [&](const Node& entry) {
                const auto seed = number<std::int64_t>(entry);
                if (!seed || *seed < 0 || std::count(seeds.begin(), seeds.end(), *seed) > 0)
                  return false;
                seeds.push_back(*seed);
                return true;
              });
    if (seeds.empty()) problems_.add(node.place, "there must be a seed");
  }

  void read_variants(const Node& node) {
    if (node.type != Node::Type::kMap || node.items.empty()) {
      problems_.add(node.place, "'variants' is a mapping of names to what they change");
      return;
    }
    for (std::size_t i = 0; i + 1 < node.items.size() && !problems_.full(); i += 2) {
      read_variant(node.items[i], node.items[i + 1]);
    }
  }

  void read_variant(const Node& key, const Node& value) {
    Variant variant{"", key.place, recipe_, settings_, seeds_};
    read_name(key, variant.name);
    for (const Variant& other : variants) {
      if (other.name == variant.name) problems_.add(key.place, "this variant is there twice");
    }
    if (value.type == Node::Type::kMap) {
      read_map(value, "",
               {{"recipe", [&](const Node& text) { read_text(text, variant.recipe); }},
                {"settings", [&](const Node& list) { read_settings(list, variant.settings); }},
                {"seeds", [&](const Node& list) { read_seeds(list, variant.seeds); }}});
    } else {
      read_settings(value, variant.settings);
    }
    if (variant.recipe.empty()) problems_.add(key.place, "neither it nor the study has a 'recipe'");
    variants.push_back(std::move(variant));
  }

  Problems& problems_;
  std::string recipe_;
  std::vector<std::string> settings_;
  std::vector<std::int64_t> seeds_ = {0};
  const Node* variants_node_ = nullptr;
};

// What `load` makes; its problems say which part of the study they are of.
Recipe load_part(const std::string& part, const std::function<Recipe()>& load) {
  try {
    return load();
  } catch (const Error& error) {
    throw Error(error.code(), part + ": " + error.what(), error.hint());
  }
}

StudyRun make_run(const Variant& variant, std::int64_t seed, const fs::path& study_file,
                  const fs::path& folder, const ReadModel& read_model) {
  StudyRun run{variant.name,     seed, study_file.parent_path() / variant.recipe, variant.settings,
               variant.settings, {}};
  run.overrides.push_back("seed=" + std::to_string(seed));
  run.overrides.push_back("name=" + variant.name + "-" + std::to_string(seed));
  run.overrides.push_back("runs_folder=" + (folder / "runs").string());
  const std::string part = study_file.string() + ":" + std::to_string(variant.place.line) +
                           ": variant " + shown(variant.name);
  run.recipe = load_part(
      part, [&] { return load(run.file, run.overrides, Purpose::kPretraining, read_model); });
  return run;
}

// With its recipe, which is relative to the study's file.
StudyGlue complete(StudyGlue glue, const fs::path& study_file) {
  constexpr Purpose kPurpose = Purpose::kFineTuning;
  if (!glue.file.empty()) glue.file = study_file.parent_path() / glue.file;
  glue.recipe = load_part(study_file.string() + ": glue", [&] {
    return glue.file.empty() ? parse("", "the built-in recipe", glue.settings, kPurpose)
                             : load(glue.file, glue.settings, kPurpose);
  });
  return glue;
}

// Documents that one of the runs may have learned from are no text to compare them by, and neither
// are characters that only some of them see.
void require_same_text(const Study& study, const fs::path& file) {
  for (const StudyRun& run : study.runs) {
    const std::string part = file.string() + ": text, variant " + shown(run.variant) + ": ";
    if (const std::string problem = held_out_problem(run.recipe); !problem.empty()) {
      throw Error(ErrorCode::kUsage,
                  part + "what it holds out cannot be told in the files, " + problem, kHint);
    }
    const std::string key = text_difference(study.runs.front().recipe, run.recipe);
    if (key.empty()) continue;
    throw Error(ErrorCode::kUsage,
                part + key + " differs from the first variant's, so its text is another", kHint);
  }
}

}  // namespace

Study load_study(const fs::path& file, const fs::path& studies_folder,
                 const ReadModel& read_model) {
  const std::string yaml = read_yaml_file(file, "study");
  Problems problems;
  StudyReader reader(problems);
  const auto document = read_document(yaml, problems.add_file(file.string()), problems);
  if (document) reader.read(*document);
  problems.throw_if_any(kHint);

  Study study;
  study.name = reader.name.empty() ? file.stem().string() : reader.name;
  study.target_loss = reader.target_loss;
  if (reader.glue) study.glue = complete(*reader.glue, file);
  study.text = reader.sources;
  for (const Variant& variant : reader.variants) {
    study.variants.push_back(variant.name);
    for (const std::int64_t seed : variant.seeds) {
      study.runs.push_back(make_run(variant, seed, file, studies_folder / study.name, read_model));
    }
  }
  if (!study.text.empty()) require_same_text(study, file);
  return study;
}

}  // namespace cram::recipe
