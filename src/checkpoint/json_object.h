// The members of a JSON object from outside, each read as what it must be.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cram::checkpoint {

// Every reader takes null for absent. A member that is absent without a fallback, of another type
// or out of range is Error{kData} naming file and key.
class JsonObject {
 public:
  // Throws Error{kData} for a value that is no object. `where` is the file; `prefix` stands before
  // the keys in messages. The value must outlive the object.
  JsonObject(const nlohmann::json& value, std::string where, std::string prefix = "");

  struct Whole {
    std::int64_t least, most;
  };
  [[nodiscard]] std::int64_t whole(const char* key, Whole range,
                                   std::optional<std::int64_t> fallback = {}) const;
  struct Real {
    double least, below;
  };
  [[nodiscard]] double number(const char* key, Real range,
                              std::optional<double> fallback = {}) const;
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }
  [[nodiscard]] bool flag(const char* key, std::optional<bool> fallback = {}) const;
  [[nodiscard]] std::string text(const char* key, std::optional<std::string> fallback = {}) const;
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;
  [[nodiscard]] std::map<std::string, std::string> text_map(const char* key) const;
  [[nodiscard]] JsonObject object(const char* key) const;

  // Refuses the object when it has a member besides these.
  void allow_only(std::initializer_list<const char*> keys) const;
  // Refuses the member: `wanted` completes "'key' is …, not".
  [[noreturn]] void refuse(const char* key, const std::string& wanted) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* key) const;
  [[nodiscard]] std::string name(const std::string& key) const { return "'" + prefix_ + key + "'"; }

  const nlohmann::json& value_;
  std::string where_, prefix_;
};

}  // namespace cram::checkpoint
