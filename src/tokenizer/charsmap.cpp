#include "charsmap.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "cram/base/error.h"

namespace cram::tokenizer {
namespace {

constexpr std::size_t kLabels = 256;
// SentencePiece gives room for so many rules that are prefixes of each other.
constexpr int kMaxNestedRules = 32;

// One unit of the double array.
class Unit {
 public:
  explicit Unit(std::uint32_t bits) : bits_(bits) {}
  [[nodiscard]] bool has_value() const { return (bits_ >> 8 & 1) != 0; }
  [[nodiscard]] std::uint32_t value() const { return bits_ & 0x7FFFFFFF; }
  [[nodiscard]] std::uint32_t label() const { return bits_ & 0x800000FF; }
  [[nodiscard]] std::uint32_t offset() const { return bits_ >> 10 << ((bits_ & 0x200) >> 6); }

 private:
  std::uint32_t bits_;
};

// Walks the whole automaton once.
class Walk {
 public:
  Walk(std::string_view units, std::size_t replacements)
      : units_(units.size() / sizeof(std::uint32_t)),
        replacements_(replacements),
        nested_rules_(units_.size(), kUnseen) {
    std::memcpy(units_.data(), units.data(), units_.size() * sizeof(std::uint32_t));
  }

  [[nodiscard]] bool is_safe() {
    if (!enter(0)) return false;
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.label == kLabels) {
        if (step.rules_below > kMaxNestedRules) return false;
        leave();
        continue;
      }
      const auto label = static_cast<std::uint32_t>(step.label++);
      const std::uint32_t child = step.children ^ label;
      if (Unit(units_[child]).label() != label) continue;
      if (nested_rules_[child] == kOnPath) return false;  // a circle
      if (nested_rules_[child] != kUnseen) {
        step.rules_below = std::max(step.rules_below, nested_rules_[child]);
      } else if (!enter(child)) {
        return false;
      }
    }
    return true;
  }

 private:
  static constexpr int kUnseen = -1;
  static constexpr int kOnPath = -2;
  struct Step {
    std::uint32_t at;
    std::uint32_t children;  // the child for a label is at (children ^ label)
    std::size_t label = 0;   // the next one to follow
    int rules_below = 0;     // the most rules that end on one way down
  };

  bool enter(std::uint32_t at) {
    const Unit unit(units_[at]);
    const std::uint32_t children = at ^ unit.offset();
    if ((children | (kLabels - 1)) >= units_.size()) return false;
    if (unit.has_value() && Unit(units_[children]).value() >= replacements_) return false;
    nested_rules_[at] = kOnPath;
    path_.push_back({.at = at, .children = children});
    return true;
  }

  void leave() {
    const Step step = path_.back();
    path_.pop_back();
    const int rules = step.rules_below + (Unit(units_[step.at]).has_value() ? 1 : 0);
    nested_rules_[step.at] = rules;
    if (!path_.empty()) path_.back().rules_below = std::max(path_.back().rules_below, rules);
  }

  std::vector<std::uint32_t> units_;
  std::size_t replacements_;
  std::vector<int> nested_rules_;  // of each unit, from it on
  std::vector<Step> path_;
};

bool is_safe(std::string_view charsmap) {
  std::uint32_t size = 0;
  if (charsmap.size() < sizeof size) return false;
  std::memcpy(&size, charsmap.data(), sizeof size);
  charsmap.remove_prefix(sizeof size);
  if (size >= charsmap.size() || size < kLabels * sizeof size || size % sizeof size != 0)
    return false;
  if (charsmap.back() != '\0') return false;
  return Walk(charsmap.substr(0, size), charsmap.size() - size).is_safe();
}

}  // namespace

void check_charsmap(std::string_view charsmap, const std::string& name) {
  if (charsmap.empty() || is_safe(charsmap)) return;
  throw Error(ErrorCode::kData, name + ": the normalisation rules are damaged");
}

}  // namespace cram::tokenizer
