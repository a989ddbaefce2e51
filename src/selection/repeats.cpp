#include "cram/selection/repeats.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "meeting.h"
#include "place_set.h"
#include "probe_table.h"
#include "runs.h"
#include "suspects.h"

namespace cram::selection {
namespace {

constexpr double kShareOfSuspects = 0.8;  // of the time

class RepeatFinder {
 public:
  RepeatFinder(std::string_view text, const RepeatOptions& options, PlaceSet suspects)
      : text_(text),
        options_(options),
        undecided_(std::move(suspects)),
        repeats_(text.size(), options.scratch_folder) {}

  void find(const OnPart& on_part) {
    constexpr std::uint64_t kBytesOfKey = 22;  // in a ProbeTable
    Passes(options_.memory, kBytesOfKey)
        .for_each([&] { return undecided_.size(); },  // repeats are no longer among them
                  [&](const Pass& pass, const OnPart& on_pass) { find_in(pass, on_pass); },
                  on_part);
  }

  // As find_repeats() does.
  void tell(const std::function<void(const Span&)>& take) const {
    std::optional<Span> last;
    repeats_.for_each_span({.begin = 0, .end = text_.size()}, [&](const Span& places) {
      const std::uint64_t end = places.end - 1 + options_.bytes;
      if (last && places.begin <= last->end) {
        last->end = end;
        return;
      }
      if (last) take(*last);
      last = {.begin = places.begin, .end = end};
    });
    if (last) take(*last);
  }

 private:
  void find_in(const Pass& pass, const OnPart& on_part) {
    // Each different run where it stood first.
    std::vector<ProbeTable<Run>> firsts(pass.buckets, ProbeTable<Run>(pass.keys_of_bucket));
    Meeting meeting(text_.size(), pass, options_.threads,
                    [&](const Span& piece) { return undecided_in(piece, pass.range); });
    meeting.hold(
        [&](std::size_t bucket, std::span<const Run> runs) {
          for (const Run& run : runs) judge(run, firsts[bucket]);
        },
        on_part);
  }

  [[nodiscard]] std::vector<Run> undecided_in(const Span& piece, const HashRange& range) const {
    std::vector<Run> runs;
    undecided_.for_each_span(piece, [&](const Span& span) {
      const std::uint64_t end =
          std::min<std::uint64_t>(span.end + options_.bytes - 1, text_.size());
      for_each_run(text_, {.begin = span.begin, .end = end}, options_.bytes, [&](const Run& run) {
        if (range.holds(run.hash)) runs.push_back(run);
      });
    });
    return runs;
  }

  void judge(const Run& run, ProbeTable<Run>& firsts) {
    if (repeats_.has(run.place - 1)) return;
    const Run* first = firsts.find(run.hash, [&](const Run& other) {
      return std::memcmp(bytes_at(other), bytes_at(run), options_.bytes) == 0;
    });
    if (first == nullptr) {
      firsts.insert(run);
    } else if (first->place + options_.bytes <= run.place) {
      mark(first->place - 1, run.place - 1);
    }
  }

  // Marks the run at `place`, and those around it for which the same place before is there: they
  // need no pass of theirs.
  void mark(std::uint64_t first, std::uint64_t place) {
    const std::uint64_t distance = place - first;
    const auto stood_before = [&](std::uint64_t at) {
      return text_[at] == text_[at - distance] && text_[at] != kDocumentEnd;
    };
    Span places = {.begin = place, .end = place + 1};
    while (places.begin > distance && stood_before(places.begin - 1) &&
           !repeats_.has(places.begin - 1)) {
      --places.begin;
    }
    for (std::uint64_t at = place + options_.bytes;
         at < text_.size() && stood_before(at) && !repeats_.has(places.end); ++at) {
      ++places.end;
    }
    repeats_.add(places);
    undecided_.remove(places);
  }

  [[nodiscard]] const char* bytes_at(const Run& run) const { return text_.data() + run.place - 1; }

  std::string_view text_;
  const RepeatOptions& options_;
  PlaceSet undecided_;
  PlaceSet repeats_;
};

}  // namespace

void find_repeats(std::string_view text, const RepeatOptions& options,
                  const std::function<void(const Span& span)>& take,
                  const std::function<void(double share)>& on_part) {
  RepeatFinder finder(text, options,
                      find_suspects(text, options, part_of(on_part, 0, kShareOfSuspects)));
  finder.find(part_of(on_part, kShareOfSuspects, 1));
  finder.tell(take);
}

}  // namespace cram::selection
