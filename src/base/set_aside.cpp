#include "cram/base/set_aside.h"

#include "cram/base/error.h"

namespace cram {

namespace fs = std::filesystem;

fs::path set_aside(const fs::path& path) {
  int number = 1;
  const auto name = [&] { return fs::path(path.string() + "." + std::to_string(number)); };
  while (fs::exists(name())) ++number;
  std::error_code failed;
  fs::rename(path, name(), failed);
  if (!failed) return name();
  throw Error(ErrorCode::kStorage, path.string() + ": cannot be set aside: " + failed.message());
}

}  // namespace cram
