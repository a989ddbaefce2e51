#include "cram/train/build_info.h"

#include <nlohmann/json.hpp>

#include <cram_commit.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include "cram/base/cpus.h"
#include "cram/base/units.h"
#include "cram/train/device.h"

namespace cram::train {
namespace {

std::string system_name() {
  utsname name{};
  return uname(&name) == 0 ? std::string(name.sysname) + " " + name.release + " " + name.machine
                           : "unknown";
}

std::int64_t memory_bytes() {
  return std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> build_info() {
  return {{"cram", CRAM_VERSION},
          {"commit", CRAM_COMMIT},
          {"compiler", "g++ " __VERSION__},
          {"torch", TORCH_VERSION},
          {"torch_cpu_capability", at::get_cpu_capability()},
          {"system", system_name()},
          {"cpu", cpu_name()},
          {"cpus", std::to_string(available_cpus())},
          {"memory", format_bytes(memory_bytes())}};
}

std::string build_info_json() {
  nlohmann::ordered_json json;
  for (const auto& [name, value] : build_info()) json[name] = value;
  return json.dump(2) + "\n";
}

}  // namespace cram::train
