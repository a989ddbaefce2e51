#include "suspects.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

#include "cram/base/hash.h"

#include "anchors.h"
#include "mix.h"
#include "recurring_keys.h"
#include "runs.h"

namespace cram::selection {
namespace {

constexpr double kShareOfAnchors = 0.6;  // of the time

class SuspectFinder {
 public:
  SuspectFinder(std::string_view text, const RepeatOptions& options)
      : text_(text),
        options_(options),
        anchors_(text.size(), options.scratch_folder),
        firsts_(text.size(), options.scratch_folder),
        recurring_(text.size(), options.scratch_folder) {}

  PlaceSet find(const OnPart& on_part) {
    find_all_anchors(part_of(on_part, 0, kShareOfAnchors));
    find_recurring(part_of(on_part, kShareOfAnchors, 1));
    return runs_of_recurring();
  }

 private:
  // Calls `work(documents)` for stretches of documents, on many threads.
  void for_each_stretch(
      const std::function<void(const Span&)>& work, const OnPart& on_part = [](double) {}) const {
    constexpr std::uint64_t kBytes = std::uint64_t{4} << 20;
    // Where the first document begins in the bytes from `begin` on, or nothing where none does.
    const auto find_begin = [&](std::size_t begin,
                                std::size_t bytes) -> std::optional<std::size_t> {
      if (begin == 0) return 0;
      const std::size_t end = text_.substr(begin - 1, bytes).find(kDocumentEnd);
      if (end == std::string_view::npos) return std::nullopt;
      return begin + end;
    };
    for_each_number((text_.size() + kBytes - 1) / kBytes, options_.threads,
                    [&](std::size_t number) {
                      const std::size_t begin = number * kBytes;
                      const std::size_t end = begin + kBytes;
                      const auto first = find_begin(begin, kBytes);
                      if (!first) return;
                      const bool is_last = end >= text_.size();
                      const auto behind = is_last ? std::nullopt : find_begin(end, text_.size());
                      work({.begin = *first, .end = behind.value_or(text_.size())});
                    },
                    on_part);
  }

  void find_all_anchors(const OnPart& on_part) {
    const auto find_in = [&](const Span& stretch) {
      const std::string_view in = text_.substr(stretch.begin, stretch.end - stretch.begin);
      for_each_document(in, [&](const Span& span) {
        const std::string_view document = in.substr(span.begin, span.end - span.begin);
        const std::uint64_t begin = stretch.begin + span.begin;
        find_anchors(document, options_.bytes, [&](const Anchor& anchor) {
          anchors_.add(begin + anchor.place);
          firsts_.add(begin + anchor.first);
        });
      });
    };
    for_each_stretch(find_in, on_part);
  }

  // Of the anchors, those that have the hash of another, and about 1 % of the others.
  void find_recurring(const OnPart& on_part) {
    Passes(options_.memory, RecurringKeys::kBytesOfKey)
        .for_each(
            [all = anchors_.size()] { return all; },
            [&](const Pass& pass, const OnPart& on_pass) { find_recurring_in(pass, on_pass); },
            on_part);
  }

  void find_recurring_in(const Pass& pass, const OnPart& on_part) {
    const auto most_bytes = static_cast<std::uint64_t>(options_.memory) / pass.buckets;
    std::vector<RecurringKeys> met(pass.buckets, RecurringKeys(pass.keys_of_bucket, most_bytes));
    Meeting meeting(text_.size(), pass, options_.threads,
                    [&](const Span& piece) { return anchors_in_piece(piece, pass.range); });
    meeting.hold(
        [&](std::size_t bucket, std::span<const Run> runs) {
          for (const Run& run : runs) met[bucket].add(mix(run.hash));
        },
        part_of(on_part, 0, 0.5));
    meeting.hold(
        [&](std::size_t bucket, std::span<const Run> runs) {
          for (const Run& run : runs) {
            if (met[bucket].may_recur(mix(run.hash))) recurring_.add(run.place - 1);
          }
        },
        part_of(on_part, 0.5, 1));
  }

  [[nodiscard]] std::vector<Run> anchors_in_piece(const Span& piece, const HashRange& range) const {
    std::vector<Run> runs;
    anchors_.for_each(piece, [&](std::uint64_t place) {
      const std::uint64_t hash = hash64(text_.data() + place, anchor_bytes(options_.bytes));
      if (range.holds(hash)) runs.push_back({.hash = hash, .place = place + 1});
    });
    return runs;
  }

  [[nodiscard]] PlaceSet runs_of_recurring() const {
    PlaceSet runs(text_.size(), options_.scratch_folder);
    for_each_stretch([&](const Span& stretch) {
      std::uint64_t anchor = stretch.begin;
      std::uint64_t begin = 0;  // of the runs of a recurring anchor, from 1
      const auto close = [&](std::uint64_t end) {
        if (begin > 0) runs.add(Span{.begin = begin - 1, .end = end});
      };
      firsts_.for_each(stretch, [&](std::uint64_t first) {
        close(first);
        anchor = anchors_.next(anchor, stretch.end);
        begin = recurring_.has(anchor++) ? first + 1 : 0;
      });
      close(stretch.end);
    });
    return runs;
  }

  std::string_view text_;
  const RepeatOptions& options_;
  PlaceSet anchors_;
  PlaceSet firsts_;  // of the runs that an anchor stands for; as many
  PlaceSet recurring_;
};

}  // namespace

PlaceSet find_suspects(std::string_view text, const RepeatOptions& options, const OnPart& on_part) {
  return SuspectFinder(text, options).find(on_part);
}

}  // namespace cram::selection
