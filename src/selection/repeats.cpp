#include "cram/selection/repeats.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bucketed_runs.h"
#include "probe_table.h"
#include "runs.h"
#include "spans.h"
#include "suspects.h"

namespace cram::selection {
namespace {

constexpr double kShareOfSuspects = 0.8;  // of the time

// The spans, cut into pieces of no more bytes than these.
std::vector<std::vector<Span>> pieces_of(const std::vector<Span>& spans) {
  constexpr std::uint64_t kPieceBytes = 256 << 10;
  std::vector<std::vector<Span>> pieces;
  std::uint64_t room = 0;  // in the last piece
  for (Span rest : spans) {
    while (rest.begin < rest.end) {
      if (room == 0) {
        pieces.emplace_back();
        room = kPieceBytes;
      }
      const std::uint64_t bytes = std::min(rest.end - rest.begin, room);
      pieces.back().push_back({.begin = rest.begin, .end = rest.begin + bytes});
      rest.begin += bytes;
      room -= bytes;
    }
  }
  return pieces;
}

// The runs that begin at `first_bytes`.
std::vector<Run> runs_at(const std::vector<Span>& first_bytes, std::string_view text,
                         std::size_t length, const HashRange& range) {
  std::vector<Run> runs;
  runs.reserve(count_bytes(first_bytes) / range.of);
  for (const Span& span : first_bytes) {
    const std::uint64_t end = std::min<std::uint64_t>(span.end + length - 1, text.size());
    for_each_run(text, {.begin = span.begin, .end = end}, length, [&](const Run& run) {
      if (range.holds(run.hash)) runs.push_back(run);
    });
  }
  return runs;
}

// Where runs begin that stood before.
std::vector<Span> repeats_in(const Bucket& bucket, std::string_view text, std::size_t length) {
  ProbeTable<Run> runs(bucket.size());  // each different one where it stood first
  std::vector<Span> repeats;
  const auto bytes_of = [&](const Run& run) { return text.data() + run.place - 1; };
  bucket.for_each([&](const Run& run) {
    const Run* first = runs.find(run.hash, [&](const Run& other) {
      return std::memcmp(bytes_of(run), bytes_of(other), length) == 0;
    });
    if (first == nullptr) {
      runs.insert(run);
    } else if (first->place + length <= run.place) {
      append(repeats, {.begin = run.place - 1, .end = run.place - 1 + length});
    }
  });
  return repeats;
}

}  // namespace

std::vector<Span> find_repeats(std::string_view text, const RepeatOptions& options,
                               const std::function<void(double share)>& on_part) {
  const std::vector<Span> suspects =
      find_suspects(text, options, [&](double share) { on_part(kShareOfSuspects * share); });
  const std::vector<std::vector<Span>> pieces = pieces_of(suspects);
  const auto find = [&](const Pass& pass) {
    const auto gather = [&](std::size_t number) {
      return runs_at(pieces[number], text, options.bytes, pass.range);
    };
    const auto settle = [&](const Bucket& bucket) {
      return repeats_in(bucket, text, options.bytes);
    };
    return unite(meet(pieces.size(), pass, options.threads, gather, settle));
  };
  return unite_passes(count_bytes(suspects), options.memory, find, [&](double share) {
    on_part(kShareOfSuspects + (1 - kShareOfSuspects) * share);
  });
}

}  // namespace cram::selection
