// The recipes that ship with the program, by purpose.
#pragma once

#include <filesystem>
#include <vector>

#include "cram/recipe/recipe.h"

namespace cram::recipe::test {

// Recipes for fine-tuning are called glue-….
inline std::vector<std::filesystem::path> config_files(Purpose purpose) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(CRAM_SOURCE_DIR "/configs")) {
    const bool glue = entry.path().filename().string().starts_with("glue-");
    const bool wanted = glue == (purpose == Purpose::kFineTuning);
    if (wanted && entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

inline constexpr Purpose kPurposes[] = {Purpose::kPretraining, Purpose::kFineTuning};

}  // namespace cram::recipe::test
