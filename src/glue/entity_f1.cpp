#include <algorithm>
#include <cstddef>
#include <string_view>

#include "cram/glue/metrics.h"

#include "same_size.h"

namespace cram::glue {
namespace {

struct Tag {
  char prefix = 'O';
  std::string_view type;
};

Tag tag_of(std::string_view label) {
  if (label == "O" || label.empty()) return {};
  if (label.size() == 1) return {label[0], ""};
  if (label[1] == '-') return {label[0], label.substr(2)};
  return {'I', label};
}

// Words [begin, end) of a sentence.
struct Entity {
  std::size_t begin = 0, end = 0;
  std::string_view type;
  auto operator<=>(const Entity&) const = default;
};

bool begins_entity(const Tag& tag, const Tag& previous) {
  constexpr std::string_view kFirst = "BS", kLast = "OES";
  return kFirst.find(tag.prefix) != kFirst.npos || kLast.find(previous.prefix) != kLast.npos ||
         tag.type != previous.type;
}

// In the order of the text.
std::vector<Entity> entities_of(const std::vector<std::string>& labels) {
  std::vector<Entity> entities;
  Tag previous;
  for (std::size_t word = 0; word < labels.size(); ++word) {
    const Tag tag = tag_of(labels[word]);
    if (tag.prefix != 'O') {
      if (begins_entity(tag, previous)) entities.push_back({word, word, tag.type});
      entities.back().end = word + 1;
    }
    previous = tag;
  }
  return entities;
}

}  // namespace

double entity_f1(const std::vector<std::vector<std::string>>& predicted,
                 const std::vector<std::vector<std::string>>& truth) {
  require_same_size(predicted.size(), truth.size());
  std::ptrdiff_t right = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    require_same_size(predicted[i].size(), truth[i].size());
    const std::vector<Entity> found = entities_of(predicted[i]), real = entities_of(truth[i]);
    right += std::ranges::count_if(
        found, [&](const Entity& entity) { return std::ranges::binary_search(real, entity); });
    all += found.size() + real.size();
  }
  return all == 0 ? 0 : 2 * static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace cram::glue
