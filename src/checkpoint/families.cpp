#include <algorithm>
#include <vector>

#include "bert_family.h"
#include "crammed_family.h"
#include "family.h"
#include "modernbert_family.h"

namespace cram::checkpoint {

namespace {

const std::vector<Family>& families() {
  static const std::vector<Family> known = {
      bert_family(),    roberta_family(),    xlm_roberta_family(), distilbert_family(),
      electra_family(), modernbert_family(), crammed_family()};
  return known;
}

template <class Condition>
const Family* find(Condition condition) {
  const auto found = std::find_if(families().begin(), families().end(), condition);
  return found == families().end() ? nullptr : &*found;
}

}  // namespace

const Family* find_family(std::string_view model_type) {
  return find([&](const Family& family) { return family.model_type == model_type; });
}

const Family* family_expressing(const recipe::Model& model) {
  return find(
      [&](const Family& family) { return family.expresses != nullptr && family.expresses(model); });
}

std::string known_families() {
  std::string names;
  for (const Family& family : families()) names += family.model_type + ", ";
  return names + "and cram";
}

}  // namespace cram::checkpoint
