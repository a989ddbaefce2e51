// A folder with text and a tiny recipe, and the program run in it.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.h"
#include "support/synthetic_text.h"

namespace cram::test {

// Replaces the first `from`, which must be there, by a `to` of the same length.
inline void replace_in_file(const std::filesystem::path& file, const std::string& from,
                            const std::string& to) {
  std::string content = read_file(file);
  content.replace(content.find(from), from.size(), to);
  write_file_atomic(file, content);
}

class Workspace {
 public:
  Workspace() {
    write_file_atomic(folder / "text.txt", synthetic_text(400));
    write_file_atomic(folder / "recipe.yaml", R"(name: tiny
budget: {steps: 40}
data:
  sources: [text.txt]
  held_out_share: 0.1
tokenizer: {vocab_size: 150}
sequence: {length: 32}
model: {layers: 2, hidden_size: 32, heads: 2, intermediate_size: 32}
optimizer: {learning_rate: 5e-3}
batch: {size: 16, micro_batch: 8}
precision: {compute: fp32}
device: {type: cpu, threads: 1}
validation: {at: [1.0], tokens: 4096}
logging: {every: 1ms}
)");
  }

  [[nodiscard]] static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CRAM_BINARY);
    return arguments;
  }

  // `cram pretrain` with the recipe and more arguments.
  [[nodiscard]] static std::vector<std::string> pretrain(
      const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"pretrain", "--config", "recipe.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return command(arguments);
  }

  [[nodiscard]] Finished run(const std::vector<std::string>& command) const {
    return test::run(command, {.folder = folder.path(), .file_size_limit = {}});
  }

  [[nodiscard]] std::string file(const std::string& name) const { return read_file(folder / name); }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(folder / name);
  }

  // Waits until the run has an update to save: its events tell of the third.
  [[nodiscard]] testing::AssertionResult wait_until_trained(
      const Process& process, const std::string& run = "runs/tiny") const {
    const std::string events = run + "/events.jsonl";
    const bool trained = process.wait_until(
        [&] { return has(events) && file(events).find("\"step\":3,") != std::string::npos; }, 60);
    if (trained) return testing::AssertionSuccess();
    return testing::AssertionFailure() << process.errors_so_far();
  }

  TempFolder folder;
};

}  // namespace cram::test
