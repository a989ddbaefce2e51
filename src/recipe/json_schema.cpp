#include <cmath>
#include <nlohmann/json.hpp>

#include "cram/recipe/load.h"

#include "schema.h"

namespace cram::recipe {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDurationPattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$";
constexpr const char* kCountPattern = "^[0-9]+(\\.[0-9]+)?[kMBT]$";
constexpr const char* kBytesPattern = "^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|KiB|MiB|GiB|TiB)$";

Json whole_number(const Kind& kind, const char* pattern) {
  Json number = {{"type", "integer"}, {"minimum", kind.least}};
  if (kind.most != Kind::kUnlimited) number["maximum"] = kind.most;
  return {{"anyOf", {number, {{"type", "string"}, {"pattern", pattern}}}}};
}

Json real_number(const Range& range) {
  Json number = {{"type", "number"}};
  if (std::isfinite(range.least)) {
    number[range.open_least ? "exclusiveMinimum" : "minimum"] = range.least;
  }
  if (std::isfinite(range.most)) {
    number[range.open_most ? "exclusiveMaximum" : "maximum"] = range.most;
  }
  return number;
}

Json text_schema(const Kind& kind) {
  Json text = {{"type", "string"}};
  if (kind.least == 0) text["type"] = {"string", "null"};
  if (kind.least > 0) text["minLength"] = kind.least;
  if (!kind.form.pattern.empty()) text["pattern"] = kind.form.pattern;
  return text;
}

Json scalar_schema(const Kind& kind) {
  switch (kind.type) {
    case Type::kFlag:
      return {{"type", "boolean"}};
    case Type::kCount:
      return whole_number(kind, kCountPattern);
    case Type::kBytes:
      return whole_number(kind, kBytesPattern);
    case Type::kNumber:
      return real_number(kind.range);
    case Type::kDuration:
      return {{"type", "string"}, {"pattern", kDurationPattern}};
    case Type::kText:
      return text_schema(kind);
    case Type::kChoice:
      return {{"enum", kind.choices}};
  }
  return Json::object();
}

Json value_schema(const Kind& kind) {
  const Json scalar = scalar_schema(kind);
  if (kind.list) return {{"anyOf", {{{"type", "array"}, {"items", scalar}}, scalar}}};
  if (kind.optional) return {{"anyOf", {scalar, {{"type", "null"}}}}};
  return scalar;
}

struct DefaultValue {
  const Kind& kind;

  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(double value) const {
    return kind.type == Type::kDuration ? Json(write(kind, value)) : Json(value);
  }
  template <class T>
  Json operator()(const T& value) const {
    return value;
  }
};

Json key_schema(const Key& key, Purpose purpose) {
  Json result = value_schema(key.kind);
  std::string description = key.explanation;
  if (key.condition) description += " (only if " + std::string(key.condition->text) + ")";
  result["description"] = description;
  result["default"] = std::visit(DefaultValue{key.kind}, key.default_value(purpose));
  return result;
}

Json properties_of(const Section& section, Purpose purpose) {
  Json properties = Json::object();
  for (const Key& key : section.keys) properties[key.name] = key_schema(key, purpose);
  return properties;
}

}  // namespace

std::string json_schema(Purpose purpose) {
  const bool pretraining = purpose == Purpose::kPretraining;
  Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", pretraining ? "cram recipe" : "cram recipe for fine-tuning"},
               {"type", "object"},
               {"additionalProperties", false}};
  Json& properties = root["properties"];
  properties["base"] = {{"type", "string"}, {"minLength", 1}, {"description", kBaseExplanation}};
  for (const Section& section : schema(purpose)) {
    if (section.name.empty()) {
      properties.update(properties_of(section, purpose));
      continue;
    }
    properties[section.name] = {{"type", {"object", "null"}},
                                {"description", section.explanation},
                                {"additionalProperties", false},
                                {"properties", properties_of(section, purpose)}};
  }
  return root.dump(2) + "\n";
}

}  // namespace cram::recipe
