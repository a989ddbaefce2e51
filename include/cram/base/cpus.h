// The CPUs of this machine: which ones this process may run on, and which are near which memory.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace cram {

// How many this process may keep busy (affinity mask and control-group quota), at least 1.
[[nodiscard]] int available_cpus();

// Those of the affinity mask, in rising order.
[[nodiscard]] std::vector<int> allowed_cpus();

// The CPUs of each memory node (NUMA) that has any, in the order of the nodes' numbers; none where
// `folder` does not say.
[[nodiscard]] std::vector<std::vector<int>> memory_node_cpus(
    const std::filesystem::path& folder = "/sys/devices/system/node");

// The kernel's notation for sets of CPUs: "0-3,8,10-11\n" -> 0 1 2 3 8 10 11. Nothing where it is
// another.
[[nodiscard]] std::optional<std::vector<int>> parse_cpu_list(std::string_view text);

}  // namespace cram
