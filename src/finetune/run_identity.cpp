#include "run_identity.h"

#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"

namespace cram::finetune {
namespace {

using Json = nlohmann::ordered_json;

RunIdentity parse(const Json& json) {
  RunIdentity identity{json.at("checkpoint"),
                       json.at("fingerprint"),
                       json.at("recipe"),
                       json.at("environment").dump(),
                       {}};
  for (const auto& [name, task] : json.at("tasks").items()) {
    identity.tasks[name] = {task.at("fingerprint"), task.at("title"),
                            task.at("labels").get<std::vector<std::string>>(),
                            task.value("predictions", "")};
  }
  return identity;
}

}  // namespace

RunIdentity read_identity(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return {};
  try {
    return parse(Json::parse(read_file(file)));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": damaged, " + error.what(),
                "--fresh sets the run aside");
  }
}

void write_identity(const std::filesystem::path& file, const RunIdentity& identity) {
  Json tasks = Json::object();
  for (const auto& [name, task] : identity.tasks) {
    tasks[name] = {{"fingerprint", task.fingerprint},
                   {"title", task.title},
                   {"labels", task.labels},
                   {"predictions", task.predictions}};
  }
  const Json json = {{"checkpoint", identity.checkpoint},
                     {"fingerprint", identity.fingerprint},
                     {"recipe", identity.recipe},
                     {"environment", Json::parse(identity.environment)},
                     {"tasks", tasks}};
  write_file_atomic(file, json.dump(2) + "\n");
}

}  // namespace cram::finetune
