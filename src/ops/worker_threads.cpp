#include "cram/ops/worker_threads.h"

#include <algorithm>
#include <iterator>

#include <sched.h>

#include <ATen/Parallel.h>

#include "parallel.h"

namespace cram::ops {
namespace {

void bind_this_thread(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  (void)sched_setaffinity(0, sizeof(set), &set);
}

}  // namespace

std::vector<int> cpus_of_threads(int threads, const std::vector<int>& allowed,
                                 const std::vector<std::vector<int>>& nodes) {
  std::vector<int> cpus;
  int used_nodes = 0;
  for (const std::vector<int>& node : nodes) {
    const std::size_t before = cpus.size();
    std::copy_if(node.begin(), node.end(), std::back_inserter(cpus),
                 [&](int cpu) { return std::binary_search(allowed.begin(), allowed.end(), cpu); });
    if (cpus.size() > before) ++used_nodes;
  }
  const auto wanted = static_cast<std::size_t>(threads);
  if (used_nodes < 2 || wanted != allowed.size() || cpus.size() != wanted) return {};
  return cpus;
}

void pin_worker_threads(const std::vector<int>& cpus) {
  for_parts(static_cast<std::int64_t>(cpus.size()), [&](std::int64_t part) {
    if (at::get_thread_num() > 0) bind_this_thread(cpus[static_cast<std::size_t>(part)]);
  });
}

}  // namespace cram::ops
