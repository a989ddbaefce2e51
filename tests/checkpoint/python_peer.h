// Runs a Python script with the interpreter that CRAM_PYTHON names.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/wait.h>

namespace cram::checkpoint {

enum class PeerResult { kDone, kFailed, kNotInstalled };

// Scripts exit with 77 when what they import is not installed.
inline PeerResult run_python_peer(const std::string& script,
                                  const std::vector<std::filesystem::path>& arguments) {
  const char* python = std::getenv("CRAM_PYTHON");
  if (python == nullptr) return PeerResult::kNotInstalled;
  std::string command =
      "'" + std::string(python) + "' '" CRAM_SOURCE_DIR "/tests/checkpoint/" + script + "'";
  for (const auto& argument : arguments) command += " '" + argument.string() + "'";
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77) return PeerResult::kNotInstalled;
  return code == 0 ? PeerResult::kDone : PeerResult::kFailed;
}

}  // namespace cram::checkpoint
