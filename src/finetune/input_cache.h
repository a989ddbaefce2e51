// Tokenised splits on disk: a safetensors file for each, named by a hash of all that determines it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cram/finetune/inputs.h"

namespace cram::finetune {

// The inputs of the file for `key` in `folder`; or, where there is none or it is damaged, those
// that `make` makes, which are then written there. A disk that takes no file is a warning.
[[nodiscard]] std::vector<Input> cached_inputs(const std::filesystem::path& folder,
                                               const std::string& key,
                                               const std::function<std::vector<Input>()>& make);

}  // namespace cram::finetune
