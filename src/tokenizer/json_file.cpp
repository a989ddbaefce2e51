#include "json_file.h"

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxJsonBytes = std::uint64_t{64} << 20;
constexpr int kMaxDepth = 32;

[[noreturn]] void throw_wrong_type(const std::string& name, const char* key, const char* wanted) {
  throw Error(ErrorCode::kData, name + ": '" + key + "' is not " + wanted);
}

}  // namespace

json read_json_file(const std::filesystem::path& path) {
  const std::string text = read_file(path, kMaxJsonBytes);
  const auto check_depth = [&](int depth, json::parse_event_t, json&) {
    if (depth > kMaxDepth) {
      throw Error(ErrorCode::kData, path.string() + ": nested more than " +
                                        std::to_string(kMaxDepth) + " levels deep");
    }
    return true;
  };
  try {
    json root = json::parse(text, check_depth);
    if (!root.is_object()) throw Error(ErrorCode::kData, path.string() + ": not a JSON object");
    return root;
  } catch (const json::parse_error& error) {
    throw Error(ErrorCode::kData,
                path.string() + ": not JSON, from byte " + std::to_string(error.byte) + " on");
  }
}

json read_config_beside(const std::filesystem::path& path) {
  const std::filesystem::path config = path.parent_path() / "tokenizer_config.json";
  return std::filesystem::exists(config) ? read_json_file(config) : json::object();
}

const json& json_member(const json& object, const char* key) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

bool json_bool(const json& object, const char* key, bool fallback, const std::string& name) {
  const json& value = json_member(object, key);
  if (value.is_null()) return fallback;
  if (!value.is_boolean()) throw_wrong_type(name, key, "true or false");
  return value.get<bool>();
}

std::string json_string(const json& object, const char* key, const std::string& fallback,
                        const std::string& name) {
  const json& value = json_member(object, key);
  if (value.is_null()) return fallback;
  if (!value.is_string()) throw_wrong_type(name, key, "a string");
  return value.get<std::string>();
}

std::uint64_t json_number(const json& object, const char* key, std::uint64_t fallback,
                          const std::string& name) {
  const json& value = json_member(object, key);
  if (value.is_null()) return fallback;
  if (!value.is_number_unsigned()) throw_wrong_type(name, key, "a whole number");
  return value.get<std::uint64_t>();
}

const json& json_array(const json& object, const char* key, const std::string& name) {
  static const json kEmpty = json::array();
  const json& value = json_member(object, key);
  if (value.is_null()) return kEmpty;
  if (!value.is_array()) throw_wrong_type(name, key, "an array");
  return value;
}

std::string json_type(const json& part, const std::string& name) {
  return part.is_null() ? "null" : json_string(part, "type", "(no type)", name);
}

std::string json_token_name(const json& config, const char* key, const std::string& fallback,
                            const std::string& name) {
  const json& value = json_member(config, key);
  return value.is_object() ? json_string(value, "content", fallback, name)
                           : json_string(config, key, fallback, name);
}

}  // namespace cram::tokenizer
