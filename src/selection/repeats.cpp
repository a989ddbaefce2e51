#include "cram/selection/repeats.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "cram/base/pipeline.h"

#include "probe_table.h"
#include "runs.h"
#include "spans.h"
#include "suspects.h"

namespace cram::selection {
namespace {

constexpr double kShareOfSuspects = 0.8;  // of the time

// Takes runs in reading order and finds those that stood before.
class RunTable {
 public:
  RunTable(std::string_view text, std::size_t length, std::size_t runs)
      : text_(text), length_(length), runs_(runs) {}

  void add(const Run& run) {
    runs_.prefetch(run.hash);
    waiting_[waits_++] = run;
    if (waits_ == waiting_.size()) settle();
  }

  [[nodiscard]] std::vector<Span> take_repeats() {
    settle();
    return std::move(repeats_);
  }

 private:
  void settle() {
    for (std::size_t i = 0; i < waits_; ++i) judge(waiting_[i]);
    waits_ = 0;
  }

  void judge(const Run& run) {
    const char* bytes = bytes_of(run);
    const Run* first = runs_.find(run.hash, [&](const Run& other) {
      return std::memcmp(bytes, bytes_of(other), length_) == 0;
    });
    if (first == nullptr) {
      runs_.insert(run);
    } else if (first->place + length_ <= run.place) {
      append(repeats_, {.begin = run.place - 1, .end = run.place - 1 + length_});
    }
  }

  [[nodiscard]] const char* bytes_of(const Run& run) const { return text_.data() + run.place - 1; }

  std::string_view text_;
  std::size_t length_;
  ProbeTable<Run> runs_;           // each different one where it stood first
  std::array<Run, 32> waiting_{};  // while memory is fetched for them
  std::size_t waits_ = 0;
  std::vector<Span> repeats_;
};

// The repeats among the runs that begin at `suspects`, of the hashes of `range`.
std::vector<Span> repeats_among(const std::vector<Span>& suspects, std::string_view text,
                                std::size_t length, const HashRange& range) {
  RunTable table(text, length, count_bytes(suspects) / range.of);
  for (const Span& first_bytes : suspects) {
    const std::uint64_t end = std::min<std::uint64_t>(first_bytes.end + length - 1, text.size());
    for_each_run(text, {.begin = first_bytes.begin, .end = end}, length, [&](const Run& run) {
      if (range.holds(run.hash)) table.add(run);
    });
  }
  return table.take_repeats();
}

// In how many parts so many runs must be looked up to fit into memory.
std::uint64_t count_parts(std::uint64_t runs, const RepeatOptions& options) {
  constexpr std::uint64_t kBytesOfRun = 22;  // in a table with room for it
  const auto memory = std::max<std::uint64_t>(static_cast<std::uint64_t>(options.memory), 1);
  const auto threads = static_cast<std::uint64_t>(options.threads);
  return std::clamp(kBytesOfRun * runs / memory * threads + threads, std::uint64_t{1},
                    std::uint64_t{1} << 31);
}

}  // namespace

std::vector<Span> find_repeats(std::string_view text, const RepeatOptions& options,
                               const std::function<void(double share)>& on_part) {
  const std::vector<Span> suspects =
      find_suspects(text, options, [&](double share) { on_part(kShareOfSuspects * share); });
  const std::uint64_t parts = count_parts(count_bytes(suspects), options);
  std::uint64_t taken = 0;
  std::uint64_t done = 0;
  std::vector<Span> all;
  const auto take = [&]() -> std::optional<HashRange> {
    if (taken == parts) return std::nullopt;
    return HashRange{.number = taken++, .of = parts};
  };
  const auto work = [&](const HashRange& range) {
    return repeats_among(suspects, text, options.bytes, range);
  };
  run_ordered_pipeline(options.threads, take, work, [&](const std::vector<Span>& spans) {
    all = unite(all, spans);
    const double share = static_cast<double>(++done) / static_cast<double>(parts);
    on_part(kShareOfSuspects + (1 - kShareOfSuspects) * share);
  });
  return all;
}

}  // namespace cram::selection
