#include "json_object.h"

#include <algorithm>
#include <sstream>

#include "cram/base/error.h"

#include "strict_json.h"

namespace cram::checkpoint {

using nlohmann::json;

namespace {

// The start of a value as JSON, in ASCII.
std::string shown(const json& value) {
  if (value.is_string()) return printable(value.get<std::string>());
  return value.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 80);
}

bool holds_only_texts(const json& values) {
  return std::all_of(values.begin(), values.end(),
                     [](const json& item) { return item.is_string(); });
}

}  // namespace

JsonObject::JsonObject(const json& value, std::string where, std::string prefix)
    : value_(value), where_(std::move(where)), prefix_(std::move(prefix)) {
  if (!value.is_object()) throw Error(ErrorCode::kData, where_ + ": not a JSON object");
}

const json* JsonObject::find(const char* key) const {
  const auto found = value_.find(key);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

void JsonObject::refuse(const char* key, const std::string& wanted) const {
  const json* value = find(key);
  throw Error(ErrorCode::kData, value == nullptr ? where_ + ": no " + name(key)
                                                 : where_ + ": " + name(key) + " is " +
                                                       shown(*value) + ", not " + wanted);
}

std::int64_t JsonObject::whole(const char* key, Whole range,
                               std::optional<std::int64_t> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  // Beyond 63 bits a number of the parser is unsigned and would turn negative.
  const bool fits = value != nullptr && value->is_number_integer() &&
                    !(value->is_number_unsigned() && value->get<std::uint64_t>() >> 63 != 0);
  const std::int64_t number = fits ? value->get<std::int64_t>() : 0;
  if (!fits || number < range.least || number > range.most) {
    refuse(key, "a whole number from " + std::to_string(range.least) + " to " +
                    std::to_string(range.most));
  }
  return number;
}

double JsonObject::number(const char* key, Real range, std::optional<double> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  const double number = value != nullptr && value->is_number() ? value->get<double>() : range.below;
  if (!(number >= range.least && number < range.below)) {
    std::ostringstream wanted;
    wanted << "a number from " << range.least << " to below " << range.below;
    refuse(key, wanted.str());
  }
  return number;
}

bool JsonObject::flag(const char* key, std::optional<bool> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_boolean()) refuse(key, "true or false");
  return value->get<bool>();
}

std::string JsonObject::text(const char* key, std::optional<std::string> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_string()) refuse(key, "a string");
  return value->get<std::string>();
}

std::vector<std::string> JsonObject::texts(const char* key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_array() || !holds_only_texts(*value)) {
    refuse(key, "a list of strings");
  }
  return value->get<std::vector<std::string>>();
}

std::map<std::string, std::string> JsonObject::text_map(const char* key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_object() || !holds_only_texts(*value)) {
    refuse(key, "an object of strings");
  }
  return value->get<std::map<std::string, std::string>>();
}

JsonObject JsonObject::object(const char* key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_object()) refuse(key, "an object");
  return {*value, where_, prefix_ + key + "."};
}

void JsonObject::allow_only(std::initializer_list<const char*> keys) const {
  for (const auto& member : value_.items()) {
    const auto is_member = [&](const char* key) { return member.key() == key; };
    if (std::any_of(keys.begin(), keys.end(), is_member)) continue;
    throw Error(ErrorCode::kData,
                where_ + ": " + printable(prefix_ + member.key()) + " is not a key of this file");
  }
}

}  // namespace cram::checkpoint
