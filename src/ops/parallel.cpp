// Compiled with OpenMP (see room.cmake): without it at::parallel_for runs on one thread.
#include "parallel.h"

#include <ATen/Parallel.h>

namespace cram::ops {

#ifndef _OPENMP
#error "parallel.cpp needs -fopenmp: at::parallel_for is serial without it"
#endif

std::int64_t part_count(std::int64_t items, std::int64_t grain) {
  const auto useful = std::max<std::int64_t>(1, items / std::max<std::int64_t>(1, grain));
  return std::min<std::int64_t>(useful, at::in_parallel_region() ? 1 : at::get_num_threads());
}

void for_parts(std::int64_t parts, const std::function<void(std::int64_t)>& f) {
  at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto part = begin; part < end; ++part) f(part);
  });
}

void for_ranges(std::int64_t items, std::int64_t grain,
                const std::function<void(std::int64_t, std::int64_t)>& f) {
  const auto parts = part_count(items, grain);
  for_parts(parts, [&](std::int64_t part) {
    const auto range = part_range(items, part, parts);
    if (range.begin < range.end) f(range.begin, range.end);
  });
}

}  // namespace cram::ops
