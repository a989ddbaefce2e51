#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/recipe/load.h"

#include "config_files.h"
#include "support/temp_folder.h"

namespace cram::recipe {
namespace {

using nlohmann::json;
using test::config_files;
using test::kPurposes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

// Converts to whatever a field needs.
struct Anything {
  template <class T>
  operator T() const;
};

// The number of fields of a struct: how many initialisers it takes.
template <class T, class... Fields>
constexpr std::size_t field_count() {
  if constexpr (requires { T{Fields{}..., Anything{}}; }) {
    return field_count<T, Fields..., Anything>();
  } else {
    return sizeof...(Fields);
  }
}

json properties_of(Purpose purpose) { return json::parse(json_schema(purpose))["properties"]; }

json schema_of(const std::string& section, Purpose purpose = Purpose::kPretraining) {
  return properties_of(purpose)[section]["properties"];
}

std::vector<std::string> names_in(const json& object) {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : object.items()) names.push_back(name);
  return names;
}

// "seed", "model.layers", …
std::vector<std::string> paths_in(const json& properties) {
  std::vector<std::string> paths;
  for (const auto& [name, section] : properties.items()) {
    if (!section.contains("properties")) {
      paths.push_back(name);
      continue;
    }
    for (const std::string& key : names_in(section["properties"]))
      paths.push_back(name + "." + key);
  }
  return paths;
}

TEST(Schema, HasAKeyForEveryField) {
  EXPECT_EQ(schema_of("budget").size(), field_count<Budget>());
  EXPECT_EQ(schema_of("data").size(), field_count<Data>());
  EXPECT_EQ(schema_of("selection").size(), field_count<Selection>());
  EXPECT_EQ(schema_of("tokenizer").size(), field_count<Tokenizer>());
  EXPECT_EQ(schema_of("sequence").size(), field_count<Sequence>());
  EXPECT_EQ(schema_of("model").size(), field_count<Model>());
  EXPECT_EQ(schema_of("objective").size(), field_count<Objective>());
  EXPECT_EQ(schema_of("optimizer").size(), field_count<Optimizer>());
  EXPECT_EQ(schema_of("schedule").size(), field_count<Schedule>());
  EXPECT_EQ(schema_of("batch").size(), field_count<Batch>());
  EXPECT_EQ(schema_of("precision").size(), field_count<Precision>());
  EXPECT_EQ(schema_of("device").size(), field_count<Device>());
  EXPECT_EQ(schema_of("validation").size(), field_count<Validation>());
  EXPECT_EQ(schema_of("checkpoint").size(), field_count<Checkpoint>());
  EXPECT_EQ(schema_of("logging").size(), field_count<Logging>());
  EXPECT_EQ(schema_of("finetune", Purpose::kFineTuning).size(), field_count<FineTuning>());
  // Without the purpose, which is no key, and with `base`, which is no field.
  json all = properties_of(Purpose::kPretraining);
  all.update(properties_of(Purpose::kFineTuning));
  EXPECT_EQ(all.size(), field_count<Recipe>() - 1 + 1);
}

TEST(Schema, OfEachPurposeHasItsOwnSections) {
  EXPECT_EQ(properties_of(Purpose::kPretraining).count("finetune"), 0U);
  EXPECT_THAT(
      names_in(properties_of(Purpose::kFineTuning)),
      UnorderedElementsAre("base", "name", "runs_folder", "seed", "data", "finetune", "optimizer",
                           "schedule", "batch", "precision", "device", "checkpoint", "logging"));
}

TEST(Schema, OfFineTuningHasAllKeysOfSharedSectionsButOnes) {
  const auto keys_of = [](const std::string& section) {
    return names_in(schema_of(section, Purpose::kFineTuning));
  };
  EXPECT_THAT(keys_of("data"), ElementsAre("cache"));
  EXPECT_THAT(keys_of("batch"), UnorderedElementsAre("size", "micro_batch"));
  for (const char* section :
       {"optimizer", "schedule", "precision", "device", "checkpoint", "logging"}) {
    EXPECT_EQ(keys_of(section), names_in(schema_of(section))) << section;
  }
}

TEST(JsonSchema, OfFineTuningHasItsOwnDefaults) {
  const auto default_of = [](const std::string& section, const std::string& key) {
    return schema_of(section, Purpose::kFineTuning)[key]["default"];
  };
  EXPECT_EQ(properties_of(Purpose::kFineTuning)["name"]["default"], "glue-sane");
  EXPECT_EQ(default_of("optimizer", "learning_rate"), 4e-5);
  EXPECT_EQ(default_of("optimizer", "epsilon"), 1e-6);
  EXPECT_EQ(default_of("optimizer", "weight_decay"), 0);
  EXPECT_EQ(default_of("optimizer", "clip_norm"), 0);
  EXPECT_EQ(default_of("schedule", "shape"), "cosine");
  EXPECT_EQ(default_of("schedule", "warmup"), 0.1);
  EXPECT_EQ(default_of("batch", "size"), 16);
  EXPECT_EQ(default_of("logging", "every"), "5s");
  EXPECT_EQ(default_of("finetune", "head_size"), 1024);
  EXPECT_EQ(default_of("finetune", "warmup_updates"), nullptr);
  EXPECT_EQ(schema_of("finetune", Purpose::kFineTuning)["pooling"]["enum"],
            json({"first-token", "mean"}));
}

TEST(JsonSchema, DescribesEveryKeyWithItsDefault) {
  const json root = json::parse(json_schema());
  EXPECT_EQ(root["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(root["additionalProperties"], false);
  int keys = 0;
  for (const auto& [name, section] : root["properties"].items()) {
    EXPECT_TRUE(section["description"].is_string()) << name;
    if (!section.contains("properties")) continue;
    EXPECT_EQ(section["additionalProperties"], false) << name;
    for (const auto& [key_name, key] : section["properties"].items()) {
      EXPECT_GT(key["description"].get<std::string>().size(), 3U) << name << "." << key_name;
      EXPECT_TRUE(key.contains("default")) << name << "." << key_name;
      ++keys;
    }
  }
  EXPECT_GT(keys, 70);
  EXPECT_EQ(schema_of("model")["norm"]["enum"], json({"layernorm", "rmsnorm"}));
  EXPECT_EQ(schema_of("model")["hidden_size"]["default"], 768);
  EXPECT_EQ(schema_of("checkpoint")["every"]["default"], "30m");
  EXPECT_EQ(schema_of("objective")["masking_rate"]["exclusiveMaximum"], 1);
  EXPECT_EQ(schema_of("budget")["time"]["default"], nullptr);
}

// Says with Python's jsonschema whether files are all valid, or all not valid. YAML 1.1, which
// PyYAML reads, takes 1e-3 for text; editors read YAML 1.2.
constexpr const char* kValidator = R"(
import json, re, sys
try:
    import jsonschema, yaml
except ImportError:
    sys.exit(77)
class Loader(yaml.SafeLoader):
    pass
Loader.add_implicit_resolver(
    'tag:yaml.org,2002:float', re.compile(r'^-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$'),
    list('-0123456789'))
wanted, schema = sys.argv[1] == 'valid', json.load(open(sys.argv[2]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[3:]:
    errors = [error.message for error in validator.iter_errors(yaml.load(open(path), Loader))]
    if wanted != (not errors):
        print(open(path).read(), errors)
        sys.exit(1)
)";

class PythonValidator {
 public:
  explicit PythonValidator(Purpose purpose) {
    std::ofstream(folder_ / "validate.py") << kValidator;
    std::ofstream(folder_ / "schema.json") << json_schema(purpose);
  }

  void add_text(const std::string& yaml) {
    files_.push_back((folder_ / ("text" + std::to_string(files_.size()) + ".yaml")).string());
    std::ofstream(files_.back()) << yaml;
  }
  void add_file(const std::string& file) { files_.push_back(file); }

  // Whether all files are as `wanted`, "valid" or "invalid"; nothing without a validator.
  [[nodiscard]] std::optional<bool> all_are(const std::string& wanted) const {
    const char* named = std::getenv("CRAM_PYTHON");
    const std::string python = named == nullptr ? "python3" : named;
    std::string command = "'" + python + "' '" + (folder_ / "validate.py").string() + "' " +
                          wanted + " '" + (folder_ / "schema.json").string() + "'";
    for (const std::string& file : files_) command += " '" + file + "'";
    const int status = std::system(command.c_str());
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return std::nullopt;
    return WEXITSTATUS(status) == 0;
  }

 private:
  cram::test::TempFolder folder_;
  std::vector<std::string> files_;
};

constexpr const char* kNoValidator = "CRAM_PYTHON names no Python with jsonschema and yaml";

TEST(JsonSchema, AcceptsWhatTheLoaderAccepts) {
  PythonValidator validator(Purpose::kPretraining);
  for (const auto& file : config_files(Purpose::kPretraining)) validator.add_file(file.string());
  validator.add_text(template_yaml());
  validator.add_text(
      "data: {sources: a}\nbudget: {time: null, tokens: 1.5B}\nmodel:\ntokenizer: {file: }\n"
      "optimizer: {epsilon: 1e-8}\n");
  const std::optional<bool> valid = validator.all_are("valid");
  if (!valid) GTEST_SKIP() << kNoValidator;
  EXPECT_TRUE(*valid);
}

TEST(JsonSchema, OfFineTuningAcceptsWhatTheLoaderAccepts) {
  PythonValidator validator(Purpose::kFineTuning);
  for (const auto& file : config_files(Purpose::kFineTuning)) validator.add_file(file.string());
  validator.add_text(template_yaml(Purpose::kFineTuning));
  validator.add_text("finetune: {warmup_updates: null, max_examples: 10k, dropout: 0}\ndata:\n");
  const std::optional<bool> valid = validator.all_are("valid");
  if (!valid) GTEST_SKIP() << kNoValidator;
  EXPECT_TRUE(*valid);
}

TEST(JsonSchema, OfFineTuningRefusesWhatTheLoaderRefuses) {
  PythonValidator validator(Purpose::kFineTuning);
  for (const char* yaml :
       {"finetune: {epoch: 1}", "finetune: {epochs: 0}", "finetune: {epochs: 1001}",
        "finetune: {max_length: 7}", "finetune: {max_length: 8193}", "finetune: {seeds: 0}",
        "finetune: {head_size: 65537}", "finetune: {dropout: 1}", "finetune: {pooling: max}",
        "finetune: {max_examples: 0}", "finetune: {warmup_updates: -1}",
        "finetune: {second_separator: 1}", "model: {layers: 3}", "budget: {time: 1h}",
        "data: {sources: a}", "batch: {ramp: 0.5}", "validation: {tokens: 5}"}) {
    EXPECT_ANY_THROW((void)parse(yaml, "r.yaml", {}, Purpose::kFineTuning)) << yaml;
    validator.add_text(yaml);
  }
  const std::optional<bool> invalid = validator.all_are("invalid");
  if (!invalid) GTEST_SKIP() << kNoValidator;
  EXPECT_TRUE(*invalid);
}

TEST(JsonSchema, RefusesWhatTheLoaderRefuses) {
  PythonValidator validator(Purpose::kPretraining);
  for (const char* yaml : {"sede: 1",
                           "seed: -1",
                           "seed: 1.5",
                           "name: a/b",
                           "name: .a",
                           "name: ''",
                           "budget: {time: 24}",
                           "budget: {time: 24x}",
                           "model: {layer: 1}",
                           "model: {layers: 0}",
                           "model: {norm: batch}",
                           "model: {gated: 1}",
                           "objective: {masking_rate: 1}",
                           "batch: {size: 32q}",
                           "model: 3",
                           "validation: {at: [2]}",
                           "device: {type: gpu}",
                           "data: {cache: ''}",
                           "base: 3",
                           "finetune: {epochs: 3}"}) {
    EXPECT_ANY_THROW((void)parse(yaml, "r.yaml", {"budget.steps=1", "data.sources=a"})) << yaml;
    validator.add_text(yaml);
  }
  const std::optional<bool> invalid = validator.all_are("invalid");
  if (!invalid) GTEST_SKIP() << kNoValidator;
  EXPECT_TRUE(*invalid);
}

// The keys of help as paths, in its order.
std::vector<std::string> paths_in_help(const std::string& help) {
  std::vector<std::string> paths;
  std::string section;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string::npos || start > 2) continue;
    const std::size_t end = line.find_first_of("=: ", start);
    const std::string word = line.substr(start, end - start);
    if (start == 2) paths.push_back(section + "." + word);
    if (start == 0 && end != std::string::npos && line[end] == ':') {
      section = word;
    } else if (start == 0) {
      paths.push_back(word);
    }
  }
  return paths;
}

TEST(Help, NamesEveryKeyOnceInLinesThatFitATerminal) {
  for (const Purpose purpose : kPurposes) {
    EXPECT_THAT(paths_in_help(help_text(purpose)),
                UnorderedElementsAreArray(paths_in(properties_of(purpose))));
  }
}

// How many lines of a template give `path` a value, in a comment or not.
int lines_of(const std::string& path, const std::string& yaml) {
  const std::size_t dot = path.find('.');
  const std::string key = dot == std::string::npos ? path + ":" : "  " + path.substr(dot + 1) + ":";
  const std::string unset = dot == std::string::npos ? "# " + key : "  # " + key.substr(2);
  const std::string wanted = dot == std::string::npos ? "" : path.substr(0, dot) + ":";
  std::string section;
  int count = 0;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.find_first_of(" #") != 0 && line.back() == ':') section = line;
    if (section == wanted && (line.starts_with(key) || line.starts_with(unset))) ++count;
  }
  return count;
}

TEST(Template, HasEveryKeyOnce) {
  for (const Purpose purpose : kPurposes) {
    const std::string yaml = template_yaml(purpose);
    for (const std::string& path : paths_in(properties_of(purpose))) {
      EXPECT_EQ(lines_of(path, yaml), path == "base" ? 0 : 1) << path;
    }
  }
}

TEST(Help, ShowsDefaultsLimitsAndConditions) {
  EXPECT_THAT(help_text(),
              HasSubstr("  layers=16                       encoder layers [from 1 to"));
  EXPECT_THAT(help_text(), HasSubstr("[layernorm | rmsnorm]"));
  EXPECT_THAT(help_text(), HasSubstr("(only if model.positions is rotary)"));
  EXPECT_THAT(help_text(Purpose::kFineTuning),
              HasSubstr("\n  seeds=5                         times that each task is done"));
}

}  // namespace
}  // namespace cram::recipe
