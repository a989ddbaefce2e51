// What lies beside a model for people and for other programs, and goes with it when it is written
// anew: README.md and, of the sentence-transformers package, modules.json with its settings and the
// folders of the modules behind the encoder, such as 1_Pooling.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cram::checkpoint {

class Companions {
 public:
  Companions() = default;
  // Those in `folder`. What is too large or no file is left out, which the log says. Throws
  // Error{kData} for a modules.json that is damaged or names folders elsewhere.
  explicit Companions(const std::filesystem::path& folder);

  // Puts them into an existing folder. Throws Error{kStorage}.
  void write(const std::filesystem::path& folder) const;

 private:
  void read(const std::filesystem::path& folder, const std::string& name);

  std::vector<std::pair<std::string, std::string>> files_;  // names within the folder, contents
};

// Whether all in the folder is a model's and could be written again: the files of
// write_model_folder and write_task_folder, and companions.
[[nodiscard]] bool holds_only_a_model(const std::filesystem::path& folder);

}  // namespace cram::checkpoint
