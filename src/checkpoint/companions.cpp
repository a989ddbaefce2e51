#include "cram/checkpoint/companions.h"

#include <algorithm>
#include <array>
#include <set>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/checkpoint/model_folder.h"

#include "folder_files.h"
#include "json_object.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = 1 << 24;
constexpr const char* kModulesFile = "modules.json";
constexpr std::array kNames = {kCardFile, kModulesFile, "sentence_bert_config.json",
                               "config_sentence_transformers.json"};
constexpr std::array kOfModels = {kWeightsFile, kConfigFile, kRecipeFile, kTaskFile};

bool is_module_name(const std::string& name) {
  constexpr const char* kCharacters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
  return name.find_first_not_of(kCharacters) == std::string::npos;
}

// The folders that a modules.json names; the encoder's own, if it is this one, has no name.
std::set<std::string> module_folders(const fs::path& folder) {
  const fs::path file = folder / kModulesFile;
  if (!fs::is_regular_file(file)) return {};
  const std::string where = file.string();
  const nlohmann::json modules = parse_strict_json(read_file(file, kMostBytes), 16, where);
  if (!modules.is_array()) throw Error(ErrorCode::kData, where + ": is no list of modules");
  std::set<std::string> names;
  for (const nlohmann::json& module : modules) {
    const std::string name = JsonObject(module, where).text("path", "");
    if (!is_module_name(name)) {
      throw Error(ErrorCode::kData,
                  where + ": 'path' is " + printable(name) + ", which is no name of a folder");
    }
    if (!name.empty()) names.insert(name);
  }
  return names;
}

bool is_known(const std::string& name) {
  const auto is_in = [&](const auto& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return is_in(kNames) || is_in(kOfModels) || is_in(tokenizer::kTokenizerFiles);
}

bool holds_only_files(const fs::path& folder) {
  return std::all_of(fs::directory_iterator(folder), fs::directory_iterator(),
                     [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
}

}  // namespace

Companions::Companions(const fs::path& folder) {
  for (const char* name : kNames) read(folder, name);
  for (const std::string& module : module_folders(folder)) {
    if (!fs::is_directory(folder / module)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / module)) {
      read(folder, module + "/" + entry.path().filename().string());
    }
  }
}

void Companions::read(const fs::path& folder, const std::string& name) {
  const fs::path file = folder / name;
  if (!fs::exists(file)) return;
  if (fs::is_regular_file(file) && fs::file_size(file) <= kMostBytes) {
    files_.emplace_back(name, read_file(file, kMostBytes));
  } else {
    log::warning(file.string() + ": is left out, it is larger than 16 MiB or no file");
  }
}

void Companions::write(const fs::path& folder) const {
  for (const auto& [name, content] : files_) {
    make_folders((folder / name).parent_path());
    write_file_atomic(folder / name, content);
  }
}

bool holds_only_a_model(const fs::path& folder) {
  if (!is_model_folder(folder)) return false;
  const std::set<std::string> modules = module_folders(folder);
  const auto is_of_model = [&](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory()) return entry.is_regular_file() && is_known(name);
    return modules.contains(name) && holds_only_files(entry.path());
  };
  return std::all_of(fs::directory_iterator(folder), fs::directory_iterator(), is_of_model);
}

}  // namespace cram::checkpoint
