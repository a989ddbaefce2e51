#include "suspects.h"

#include <algorithm>
#include <optional>

#include "probe_table.h"
#include "spans.h"

namespace cram::selection {
namespace {

// Runs of this length stand for longer ones.
std::size_t part_of(std::size_t length) { return (length + 1) / 2; }
// So many of them are in a longer one.
std::size_t parts_in(std::size_t length) { return length - part_of(length) + 1; }

// The last so many runs, and the least of them; of equal ones the first.
class Window {
 public:
  explicit Window(std::size_t size) : last_(size) {}

  void clear() { added_ = 0; }

  // The least of a full window, where it is another one than before.
  [[nodiscard]] std::optional<Run> add(const Run& run) {
    Run& oldest = last_[next_];
    const bool lost = oldest.place == least_.place;
    oldest = run;
    next_ = next_ + 1 == last_.size() ? 0 : next_ + 1;
    if (++added_ < last_.size()) return std::nullopt;
    if (added_ == last_.size() || lost) {
      least_ = *std::min_element(last_.begin(), last_.end(), is_less);
    } else if (run.hash < least_.hash) {
      least_ = run;
    } else {
      return std::nullopt;
    }
    return least_;
  }

 private:
  static bool is_less(const Run& a, const Run& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.place < b.place;
  }

  std::vector<Run> last_;
  std::size_t next_ = 0;   // where the oldest stands
  std::size_t added_ = 0;  // since it was empty
  Run least_;
};

// Takes runs in reading order and collects the places of those that stand in several.
class Meetings {
 public:
  explicit Meetings(std::size_t runs) : met_(runs) {}

  void add(const Run& run) {
    Run* first = met_.find(run.hash, [](const Run&) { return true; });
    if (first == nullptr) {
      met_.insert(run);
      return;
    }
    if (first->place != kCollected) firsts_.push_back(first->place);
    first->place = kCollected;
    others_.push_back(run.place);
  }

  [[nodiscard]] std::vector<std::uint64_t> take_places() {
    met_ = {};
    std::sort(firsts_.begin(), firsts_.end());
    std::vector<std::uint64_t> places(firsts_.size() + others_.size());
    std::merge(firsts_.begin(), firsts_.end(), others_.begin(), others_.end(), places.begin());
    return places;
  }

 private:
  static constexpr std::uint64_t kCollected = ~std::uint64_t{0};

  ProbeTable<Run> met_;  // each hash where it stood first, until that is collected
  std::vector<std::uint64_t> firsts_;
  std::vector<std::uint64_t> others_;
};

}  // namespace

std::uint64_t estimate_suspects(std::size_t text_bytes, std::size_t length) {
  return 2 * std::uint64_t{text_bytes} / (parts_in(length) + 1);
}

std::vector<Span> find_suspects(std::string_view text, std::size_t length, const HashRange& range) {
  Meetings meetings(estimate_suspects(text.size(), length) / range.of);
  Window window(parts_in(length));
  for_each_document(text, [&](const Span& document) {
    window.clear();
    for_each_run(text, document, part_of(length), [&](const Run& run) {
      const std::optional<Run> least = window.add(run);
      if (least && range.holds(least->hash)) meetings.add(*least);
    });
  });
  std::vector<Span> suspects;
  for (const std::uint64_t place : meetings.take_places()) {
    const std::uint64_t before = std::min<std::uint64_t>(place, parts_in(length));
    append(suspects, {.begin = place - before, .end = place});
  }
  return suspects;
}

}  // namespace cram::selection
