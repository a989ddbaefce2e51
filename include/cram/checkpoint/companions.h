// What lies beside a model for people and for other programs, and goes with it when it is written
// anew: README.md and, of the sentence-transformers package, modules.json with its settings and the
// folders of the modules behind the encoder, such as 1_Pooling.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cram::checkpoint {

class Companions {
 public:
  // Those in `folder`, which must stay as it is. What is no file, or a folder behind a link, is
  // left out, which the log says. Throws Error{kData} for a modules.json that is damaged or names
  // folders elsewhere.
  explicit Companions(const std::filesystem::path& folder);

  // Copies them into an existing folder. Throws Error{kStorage}.
  void write(const std::filesystem::path& folder) const;

 private:
  void add(const std::string& name);
  void leave_out(const std::string& name) const;

  std::filesystem::path folder_;
  std::vector<std::string> names_;  // within the folder
};

// Whether cram wrote the model in the folder and nothing else lies there: only the files of
// write_model_folder and write_task_folder, and companions.
[[nodiscard]] bool holds_only_a_model(const std::filesystem::path& folder);

}  // namespace cram::checkpoint
