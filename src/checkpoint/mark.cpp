#include "cram/checkpoint/mark.h"

#include <algorithm>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"

#include "folder_files.h"

namespace cram::checkpoint {

bool is_marked(const std::filesystem::path& folder) {
  if (!is_model_folder(folder)) return false;
  try {
    const Metadata metadata = read_metadata(folder / kWeightsFile);
    return std::includes(metadata.begin(), metadata.end(), kMark.begin(), kMark.end());
  } catch (const Error&) {
    return false;
  }
}

}  // namespace cram::checkpoint
