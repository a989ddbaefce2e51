#include "cram/checkpoint/companions.h"

#include <algorithm>
#include <array>
#include <set>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"
#include "cram/tokenizer/tokenizer.h"

#include "folder_files.h"
#include "json_object.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostModulesBytes = 1 << 16;
constexpr const char* kModulesFile = "modules.json";
// The package's settings, and the names that they had for some families.
constexpr std::array kNames = {kCardFile,
                               kModulesFile,
                               "config_sentence_transformers.json",
                               "sentence_bert_config.json",
                               "sentence_roberta_config.json",
                               "sentence_distilbert_config.json",
                               "sentence_camembert_config.json",
                               "sentence_albert_config.json",
                               "sentence_xlm-roberta_config.json",
                               "sentence_xlnet_config.json"};
constexpr std::array kOfModels = {kWeightsFile, kConfigFile, kRecipeFile, kTaskFile};

// A file of every model folder, or of some.
bool is_known(const std::string& name) {
  const auto is_in = [&](const auto& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return is_in(kNames) || is_in(kOfModels) || is_in(tokenizer::kTokenizerFiles);
}

// Not a link, which may lead to a whole tree that is nobody else's business. Links to files are
// followed: the folders of Hugging Face's cache hold nothing else.
bool is_folder(const fs::path& path) { return fs::is_directory(fs::symlink_status(path)); }

// The folders that a modules.json names; the encoder's own, if it is this one, has no name.
std::set<std::string> module_folders(const fs::path& folder) {
  const fs::path file = folder / kModulesFile;
  if (!fs::is_regular_file(file)) return {};
  const std::string where = file.string();
  const nlohmann::json modules = parse_strict_json(read_file(file, kMostModulesBytes), 16, where);
  if (!modules.is_array()) throw Error(ErrorCode::kData, where + ": is no list of modules");
  std::set<std::string> names;
  for (const nlohmann::json& module : modules) {
    std::string name = JsonObject(module, where).text("path", "");
    if (name.ends_with('/')) name.pop_back();
    if (!is_plain_name(name) || is_known(name)) {
      throw Error(ErrorCode::kData,
                  where + ": 'path' is " + printable(name) + ", which is no name of a folder");
    }
    if (!name.empty()) names.insert(name);
  }
  return names;
}

}  // namespace

Companions::Companions(const fs::path& folder) : folder_(folder) {
  for (const char* name : kNames) add(name);
  for (const std::string& module : module_folders(folder)) {
    if (!is_folder(folder / module)) {
      if (fs::exists(folder / module)) leave_out(module);
      continue;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / module)) {
      add(module + "/" + entry.path().filename().string());
    }
  }
}

void Companions::add(const std::string& name) {
  std::error_code unreadable;
  const fs::file_type type = fs::status(folder_ / name, unreadable).type();
  if (type == fs::file_type::regular) {
    files_.emplace_back(name, MappedFile(folder_ / name));
  } else if (type != fs::file_type::not_found) {
    leave_out(name);
  }
}

void Companions::leave_out(const std::string& name) const {
  log::warning((folder_ / name).string() + ": is left out, it is no file or folder of its own");
}

void Companions::write(const fs::path& folder) const {
  for (const auto& [name, file] : files_) {
    make_folders((folder / name).parent_path());
    FileWriter writer(folder / name);
    writer.write(file.bytes().data(), file.bytes().size());
    writer.close();
  }
}

}  // namespace cram::checkpoint
