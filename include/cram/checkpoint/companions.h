// What lies beside a model for people and for other programs, and goes with it when it is written
// anew: README.md and, of the sentence-transformers package, modules.json with its settings and the
// folders of the modules behind the encoder, such as 1_Pooling.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cram/base/file.h"

namespace cram::checkpoint {

class Companions {
 public:
  // Those in `folder`, whose files must stay as they are. What is no file, or a folder behind a
  // link, is left out, which the log says. Throws Error{kData} for a file that cannot be read, and
  // for a modules.json that is damaged or names folders elsewhere or files of the model.
  explicit Companions(const std::filesystem::path& folder);

  // Copies them into an existing folder. Throws Error{kStorage}.
  void write(const std::filesystem::path& folder) const;

 private:
  void add(const std::string& name);
  void leave_out(const std::string& name) const;

  std::filesystem::path folder_;
  std::vector<std::pair<std::string, MappedFile>> files_;  // by the names within the folder
};

}  // namespace cram::checkpoint
