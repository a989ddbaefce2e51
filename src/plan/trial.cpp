#include "cram/plan/trial.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "cram/base/child.h"
#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"

namespace cram::plan {
namespace {

namespace fs = std::filesystem;

constexpr auto kPollInterval = std::chrono::milliseconds(20);

class ScratchFolder {
 public:
  ScratchFolder() : path_((fs::temp_directory_path() / "cram-plan-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw Error(ErrorCode::kStorage, path_ + ": " + std::strerror(errno));
    }
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] fs::path path() const { return path_; }

 private:
  std::string path_;
};

int wait_for(Child& child) {
  for (;;) {
    interrupt::throw_if_stopped();
    if (const std::optional<int> code = child.exit_code()) return *code;
    std::this_thread::sleep_for(kPollInterval);
  }
}

// The text behind "error: ", or else all of it.
std::string message_in(const std::string& errors) {
  constexpr std::string_view kMark = "error: ";
  const std::size_t found = errors.rfind(kMark);
  const std::size_t start = found == std::string::npos ? 0 : found + kMark.size();
  return errors.substr(start, errors.find('\n', start) - start);
}

Trial read_trial(const std::string& output) {
  const auto json = nlohmann::json::parse(output, nullptr, false);
  if (!json.is_object()) throw Error(ErrorCode::kInternal, "the dry run printed no result");
  return {json.at("tokens_per_second"), json.at("memory_bytes"), json.at("vocab_size"),
          json.at("training_tokens")};
}

TrialResult result_of(int exit_code, const fs::path& output, const fs::path& errors) {
  constexpr int kKilled = 128 + SIGKILL;  // what the kernel does when memory runs out
  if (exit_code == 0) return read_trial(read_file(output));
  if (exit_code == kKilled) return Obstacle{"out of memory"};
  const std::string message = message_in(read_file(errors));
  const auto code = static_cast<ErrorCode>(exit_code);
  // What is wrong with one size need not be with the others.
  if (code == ErrorCode::kOutOfMemory || code == ErrorCode::kDiverged ||
      code == ErrorCode::kStorage) {
    return Obstacle{message};
  }
  const bool is_known = exit_code >= static_cast<int>(ErrorCode::kInternal) &&
                        exit_code <= static_cast<int>(ErrorCode::kStorage);
  throw Error(is_known ? code : ErrorCode::kInternal, "a dry run failed: " + message);
}

}  // namespace

TryOut try_out_with(const fs::path& program, const fs::path& recipe_file) {
  return [program, recipe_file](const Candidate& candidate) {
    const ScratchFolder folder;
    const fs::path output = folder.path() / "output", errors = folder.path() / "errors";
    std::vector<std::string> command = {program.string(), "pretrain", "--dry-run",         "--json",
                                        "--quiet",        "--config", recipe_file.string()};
    command.insert(command.end(), candidate.settings.begin(), candidate.settings.end());
    // The run itself may be there already.
    command.push_back("name=" + candidate.recipe.name + "-dry-run");
    Child child(command, {}, {output, errors});
    return result_of(wait_for(child), output, errors);
  };
}

}  // namespace cram::plan
