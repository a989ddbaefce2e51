#include "cram/base/cpus.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <system_error>
#include <thread>

#include <sched.h>

namespace cram {
namespace {

namespace fs = std::filesystem;

// More than any kernel knows: what a list names beyond is not a list of CPUs.
constexpr int kMostCpus = 1 << 16;

// The CPU quota of a version 2 control group, in whole CPUs; a large number when there is none.
int quota_cpus() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 1 << 20;
  return std::max(1, static_cast<int>(std::ceil(std::stod(quota) / period)));
}

std::optional<int> parse_number(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  if (number < 0 || number >= kMostCpus) return {};
  return number;
}

// "4-7" or "4", to the end of `cpus`; false where it is neither.
bool append_range(std::string_view text, std::vector<int>& cpus) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return false;
  for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  return true;
}

// The number of a folder such as "node12".
std::optional<int> node_number(const std::string& name) {
  constexpr std::string_view kPrefix = "node";
  if (!name.starts_with(kPrefix)) return {};
  return parse_number(std::string_view(name).substr(kPrefix.size()));
}

std::vector<int> read_cpu_list(const fs::path& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return parse_cpu_list(text).value_or(std::vector<int>());
}

}  // namespace

int available_cpus() {
  const auto allowed = static_cast<int>(allowed_cpus().size());
  const int cpus = allowed > 0 ? allowed : static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, std::min(cpus, quota_cpus()));
}

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<std::vector<int>> memory_node_cpus(const fs::path& folder) {
  std::map<int, std::vector<int>> nodes;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end; entry.increment(error)) {
    const auto number = node_number(entry->path().filename().string());
    if (!number) continue;
    std::vector<int> cpus = read_cpu_list(entry->path() / "cpulist");
    if (!cpus.empty()) nodes.emplace(*number, std::move(cpus));
  }
  std::vector<std::vector<int>> list;
  for (auto& [number, cpus] : nodes) list.push_back(std::move(cpus));
  return list;
}

std::optional<std::vector<int>> parse_cpu_list(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<int> cpus;
  if (text.empty()) return cpus;  // a node with memory alone
  for (;;) {
    const std::size_t comma = text.find(',');
    if (!append_range(text.substr(0, comma), cpus)) return {};
    if (comma == std::string_view::npos) return cpus;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace cram
