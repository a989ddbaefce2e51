// read -> work in parallel -> write, in the order of reading and in bounded memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace cram {

// Calls `read()` (returns std::optional<Item>, empty at the end) on one thread at a time, `work(Item)
// -> Result` on `threads` threads, and `write(Result)` on the calling thread in the order of
// reading. At most 4 * threads items are under way. The first exception from any of the three stops
// the pipeline and is rethrown here after all threads have ended.
template <class Read, class Work, class Write>
void run_ordered_pipeline(int threads, Read read, Work work, Write write);

}  // namespace cram
