#include "cram/glue/run_identity.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

RunIdentity parse(const Json& json) {
  RunIdentity identity{json.at("checkpoint"),         json.at("fingerprint"),
                       json.value("files", ""),       json.at("recipe"),
                       json.at("environment").dump(), {}};
  for (const auto& [name, task] : json.at("tasks").items()) {
    identity.tasks[name] = {task.at("fingerprint"), task.at("title"),
                            task.at("labels").get<std::vector<std::string>>(),
                            task.value("predictions", "")};
  }
  return identity;
}

std::vector<fs::path> files_of_model(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file() && entry.path().filename() != "README.md") files.push_back(entry);
  }
  if (error) throw Error(ErrorCode::kData, folder.string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

RunIdentity read_identity(const fs::path& file) {
  if (!std::filesystem::exists(file)) return {};
  try {
    return parse(Json::parse(read_file(file)));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kData, file.string() + ": damaged, " + error.what(),
                "--fresh sets the run aside");
  }
}

void write_identity(const fs::path& file, const RunIdentity& identity) {
  Json tasks = Json::object();
  for (const auto& [name, task] : identity.tasks) {
    tasks[name] = {{"fingerprint", task.fingerprint},
                   {"title", task.title},
                   {"labels", task.labels},
                   {"predictions", task.predictions}};
  }
  const Json json = {{"checkpoint", identity.checkpoint},
                     {"fingerprint", identity.fingerprint},
                     {"files", identity.files},
                     {"recipe", identity.recipe},
                     {"environment", Json::parse(identity.environment)},
                     {"tasks", tasks}};
  write_file_atomic(file, json.dump(2) + "\n");
}

std::string hash_of_model(const fs::path& folder) {
  Hasher hasher;
  for (const fs::path& file : files_of_model(folder)) {
    const MappedFile content(file);
    hasher.add(file.filename().string());
    hasher.add(std::to_string(content.bytes().size()));
    hasher.add(content.bytes().data(), content.bytes().size());
  }
  return hex64(hasher.value());
}

}  // namespace cram::glue
