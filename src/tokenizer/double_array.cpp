#include "double_array.h"

#include <algorithm>
#include <span>

namespace cram::tokenizer {
namespace {

constexpr std::uint32_t kLabels = 256;
constexpr std::uint32_t kFirstBase = 2;  // after the two roots

}  // namespace

class DoubleArray::Builder {
 public:
  explicit Builder(std::vector<Unit>& units) : units_(units) {
    units_.resize(kFirstBase + kLabels);
  }

  void add(Root root, std::vector<Entry>& entries) {
    std::sort(entries.begin(), entries.end());
    const auto state = static_cast<std::uint32_t>(root);
    units_[state].parent = state;
    pending_.push_back({state, 0, entries});
    while (!pending_.empty()) {
      const Node node = pending_.back();
      pending_.pop_back();
      place_children(node);
    }
  }

 private:
  // A state and the keys that pass through it; they agree in their first `depth` bytes.
  struct Node {
    std::uint32_t state;
    std::size_t depth;
    std::span<const Entry> entries;
  };

  void place_children(Node node) {
    if (!node.entries.empty() && node.entries.front().first.size() == node.depth) {
      units_[node.state].value = node.entries.front().second;
      node.entries = node.entries.subspan(1);
    }
    if (node.entries.empty()) {
      units_[node.state].base = kFirstBase;
      return;
    }
    const auto label_of = [&](const Entry& entry) {
      return static_cast<unsigned char>(entry.first[node.depth]);
    };
    labels_.clear();
    for (const Entry& entry : node.entries) {
      if (labels_.empty() || labels_.back() != label_of(entry)) labels_.push_back(label_of(entry));
    }
    const std::uint32_t base = take_base(node.state);
    for (std::size_t first = 0; first < node.entries.size();) {
      const unsigned char label = label_of(node.entries[first]);
      std::size_t last = first;
      while (last < node.entries.size() && label_of(node.entries[last]) == label) ++last;
      pending_.push_back({base + label, node.depth + 1, node.entries.subspan(first, last - first)});
      first = last;
    }
  }

  // Finds a base where all of labels_ are free, and claims them for `state`.
  std::uint32_t take_base(std::uint32_t state) {
    std::uint32_t passed = 0;
    std::uint32_t position = std::max(first_free_, kFirstBase + labels_.front());
    for (const std::uint32_t start = position;; ++position) {
      make_room(position);
      if (!is_free(position)) {
        ++passed;
        continue;
      }
      const std::uint32_t base = position - labels_.front();
      const auto is_taken = [&](unsigned char label) { return !is_free(base + label); };
      if (std::any_of(labels_.begin(), labels_.end(), is_taken)) continue;
      // Nearly full regions are not searched again, which keeps building linear in practice.
      if (passed * 20 >= (position - start + 1) * 19) first_free_ = position;
      units_[state].base = base;
      for (const unsigned char label : labels_) units_[base + label].parent = state;
      return base;
    }
  }

  void make_room(std::uint32_t position) {
    if (units_.size() < position + 2 * kLabels)
      units_.resize(units_.size() + units_.size() / 2 + 2 * kLabels);
  }

  [[nodiscard]] bool is_free(std::uint32_t position) const {
    return units_[position].parent == kNone;
  }

  std::vector<Unit>& units_;
  std::vector<Node> pending_;
  std::vector<unsigned char> labels_;
  std::uint32_t first_free_ = kFirstBase;
};

DoubleArray::DoubleArray(std::vector<Entry> beginning, std::vector<Entry> continuing) {
  Builder builder(units_);
  builder.add(Root::kBeginning, beginning);
  builder.add(Root::kContinuing, continuing);
  units_.shrink_to_fit();
}

}  // namespace cram::tokenizer
