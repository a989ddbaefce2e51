// On which CPUs the threads run that operations share their work out to.
#pragma once

#include <vector>

namespace cram::ops {

// A CPU for each of `threads`, neighbours in one memory node where they can be; none where threads
// are better left to the operating system: where all memory is equally near (one node), and where
// they do not fill the `allowed` CPUs, as another program may then want the same ones. `nodes`: the
// CPUs of each memory node.
[[nodiscard]] std::vector<int> cpus_of_threads(int threads, const std::vector<int>& allowed,
                                               const std::vector<std::vector<int>>& nodes);

// Binds ATen's worker threads, thread i to cpus[i], for as long as they live, which is until fewer
// are asked for, so that a thread stays near the memory that it wrote before. The calling thread,
// which is thread 0, is left where it is, for the threads that it starts inherit its CPUs; so are
// those that the system refuses to move.
void pin_worker_threads(const std::vector<int>& cpus);

}  // namespace cram::ops
