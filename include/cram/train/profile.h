// Where the time of a piece of work goes, operation by operation, as LibTorch's profiler sees it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

namespace cram::train {

// One operation of a CPU, or one kernel of a GPU.
struct ProfileRow {
  std::string name;
  std::int64_t calls = 0;
  double milliseconds = 0;  // of its own, without the operations inside it
};

// A recorded name as people read it: a backward pass is named by its operation.
[[nodiscard]] std::string display_name(const std::string& recorded);

// Runs `work`, which must leave the device idle, and writes what happened to `trace` in Chrome's
// format (chrome://tracing, Perfetto). Returns the rows of `device`, the longest first. Throws
// Error{kStorage} where the trace cannot be written.
[[nodiscard]] std::vector<ProfileRow> profile(const std::function<void()>& work,
                                              const c10::Device& device,
                                              const std::filesystem::path& trace);

// A table of the `most` longest rows and the sum of the others.
[[nodiscard]] std::string to_text(const std::vector<ProfileRow>& rows, std::size_t most);

}  // namespace cram::train
