#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/recipe/load.h"

#include "support/temp_folder.h"

namespace cram::recipe {
namespace {

using nlohmann::json;
using testing::HasSubstr;

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

json schema_of(const std::string& section) {
  return json::parse(json_schema())["properties"][section]["properties"];
}

TEST(Schema, HasAKeyForEveryField) {
  EXPECT_EQ(schema_of("budget").size(), field_count<Budget>());
  EXPECT_EQ(schema_of("data").size(), field_count<Data>());
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
  // And `base`, which is no field.
  EXPECT_EQ(json::parse(json_schema())["properties"].size(), field_count<Recipe>() + 1);
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
  PythonValidator() {
    std::ofstream(folder_ / "validate.py") << kValidator;
    std::ofstream(folder_ / "schema.json") << json_schema();
  }

  void add_text(const std::string& yaml) {
    files_.push_back((folder_ / ("text" + std::to_string(files_.size()) + ".yaml")).string());
    std::ofstream(files_.back()) << yaml;
  }
  void add_file(const std::string& file) { files_.push_back(file); }

  // Whether all files are as `wanted`, "valid" or "invalid"; nothing without a validator.
  [[nodiscard]] std::optional<bool> all_are(const std::string& wanted) const {
    std::string command = "python3 '" + (folder_ / "validate.py").string() + "' " + wanted + " '" +
                          (folder_ / "schema.json").string() + "'";
    for (const std::string& file : files_) command += " '" + file + "'";
    const int status = std::system(command.c_str());
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return std::nullopt;
    return WEXITSTATUS(status) == 0;
  }

 private:
  test::TempFolder folder_;
  std::vector<std::string> files_;
};

TEST(JsonSchema, AcceptsWhatTheLoaderAccepts) {
  PythonValidator validator;
  for (const auto& entry : std::filesystem::directory_iterator(CRAM_SOURCE_DIR "/configs")) {
    validator.add_file(entry.path().string());
  }
  validator.add_text(template_yaml());
  validator.add_text(
      "data: {sources: a}\nbudget: {time: null, tokens: 1.5B}\nmodel:\ntokenizer: {file: }\n"
      "optimizer: {epsilon: 1e-8}\n");
  const std::optional<bool> valid = validator.all_are("valid");
  if (!valid) GTEST_SKIP() << "no python3 with jsonschema and yaml";
  EXPECT_TRUE(*valid);
}

TEST(JsonSchema, RefusesWhatTheLoaderRefuses) {
  PythonValidator validator;
  for (const char* yaml :
       {"sede: 1", "seed: -1", "seed: 1.5", "name: a/b", "name: .a", "name: ''",
        "budget: {time: 24}", "budget: {time: 24x}", "model: {layer: 1}", "model: {layers: 0}",
        "model: {norm: batch}", "model: {gated: 1}", "objective: {masking_rate: 1}",
        "batch: {size: 32q}", "model: 3", "validation: {at: [2]}", "device: {type: gpu}",
        "data: {cache: ''}", "base: 3"}) {
    EXPECT_ANY_THROW((void)parse(yaml, "r.yaml", {"budget.steps=1", "data.sources=a"})) << yaml;
    validator.add_text(yaml);
  }
  const std::optional<bool> invalid = validator.all_are("invalid");
  if (!invalid) GTEST_SKIP() << "no python3 with jsonschema and yaml";
  EXPECT_TRUE(*invalid);
}

TEST(Help, NamesEveryKeyInLinesThatFitATerminal) {
  const std::string help = "\n" + help_text();
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  const json properties = json::parse(json_schema())["properties"];
  for (const auto& [name, section] : properties.items()) {
    EXPECT_THAT(help, HasSubstr("\n" + name)) << name;
    if (!section.contains("properties")) continue;
    for (const auto& [key, ignored] : section["properties"].items()) {
      EXPECT_THAT(help, HasSubstr("\n  " + key)) << key;
    }
  }
}

TEST(Help, ShowsDefaultsLimitsAndConditions) {
  EXPECT_THAT(help_text(),
              HasSubstr("  layers=16                       encoder layers [from 1 to"));
  EXPECT_THAT(help_text(), HasSubstr("[layernorm | rmsnorm]"));
  EXPECT_THAT(help_text(), HasSubstr("(only if model.positions is rotary)"));
}

}  // namespace
}  // namespace cram::recipe
