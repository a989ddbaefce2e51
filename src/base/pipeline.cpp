#include "cram/base/pipeline.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include <sched.h>

namespace cram {
namespace {

// The CPU quota of a version 2 control group, in whole CPUs; a large number when there is none.
int quota_cpus() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 1 << 20;
  return std::max(1, static_cast<int>(std::ceil(std::stod(quota) / period)));
}

}  // namespace

int available_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cpus = sched_getaffinity(0, sizeof(set), &set) == 0
                       ? CPU_COUNT(&set)
                       : static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, std::min(cpus, quota_cpus()));
}

}  // namespace cram
