// JSON that comes from outside, read defensively.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace cram::tokenizer {

// Parses a JSON object. Throws Error{kData} for a file that is missing, too large, nested too
// deeply or not JSON.
[[nodiscard]] nlohmann::json read_json_file(const std::filesystem::path& path);

// The tokenizer_config.json in the folder of `path`; an empty object when there is none.
[[nodiscard]] nlohmann::json read_config_beside(const std::filesystem::path& path);

// The member `key` of an object; null when it is missing or the value is not an object.
[[nodiscard]] const nlohmann::json& json_member(const nlohmann::json& object, const char* key);

// Typed members with a value for when they are missing or null. A value of another type is an
// Error{kData} that names `name` and the key.
[[nodiscard]] bool json_bool(const nlohmann::json& object, const char* key, bool fallback,
                             const std::string& name);
[[nodiscard]] std::string json_string(const nlohmann::json& object, const char* key,
                                      const std::string& fallback, const std::string& name);
[[nodiscard]] std::uint64_t json_number(const nlohmann::json& object, const char* key,
                                        std::uint64_t fallback, const std::string& name);
// An array, which is empty when it is missing or null.
[[nodiscard]] const nlohmann::json& json_array(const nlohmann::json& object, const char* key,
                                               const std::string& name);
// What a part of a tokenizer.json calls itself: its member "type", or "null" for no part.
[[nodiscard]] std::string json_type(const nlohmann::json& part, const std::string& name);
// The name of a token in a tokenizer_config.json: a string, or the "content" of an object.
[[nodiscard]] std::string json_token_name(const nlohmann::json& config, const char* key,
                                          const std::string& fallback, const std::string& name);

}  // namespace cram::tokenizer
