#include "recurring_runs.h"

#include <algorithm>

#include "mix.h"
#include "recurring_keys.h"

namespace cram::selection {

void find_recurring(const PlaceSet& places, std::uint64_t text_bytes, const RunsOf& runs_of,
                    const RepeatOptions& options, const std::function<void(std::uint64_t)>& take,
                    const OnPart& on_part) {
  const double all = static_cast<double>(places.size());
  Passes passes(options.memory, RecurringKeys::kBytesOfKey);
  for (double begun = 0;; begun = passes.share_begun()) {
    const auto pass = passes.next(static_cast<std::uint64_t>((1 - begun) * all));
    if (!pass) return;
    Meeting meeting(text_bytes, *pass, options.threads,
                    [&](const Span& piece) { return runs_of(piece, pass->range); });
    std::vector<RecurringKeys> met(pass->buckets,
                                   RecurringKeys(pass->keys_of_bucket, options.memory));
    const double half = (begun + passes.share_begun()) / 2;
    meeting.hold(
        [&](std::size_t bucket, std::span<const Run> runs) {
          for (const Run& run : runs) met[bucket].add(mix(run.hash));
        },
        part_of(on_part, begun, half));
    meeting.hold(
        [&](std::size_t bucket, std::span<const Run> runs) {
          for (const Run& run : runs) {
            if (met[bucket].may_recur(mix(run.hash))) take(run.place - 1);
          }
        },
        part_of(on_part, half, passes.share_begun()));
  }
}

}  // namespace cram::selection
