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

recipe::Model with_sizes_of(const recipe::Model& model, recipe::Model kind) {
  kind.from = model.from;
  kind.layers = model.layers;
  kind.hidden_size = model.hidden_size;
  kind.heads = model.heads;
  kind.intermediate_size = model.intermediate_size;
  if (model.embedding_size == model.hidden_size) kind.embedding_size = model.embedding_size;
  kind.max_positions = model.max_positions;
  kind.norm_epsilon = model.norm_epsilon;
  kind.dropout = model.dropout;
  kind.attention_dropout = model.attention_dropout;
  kind.init = model.init;
  kind.init_std = model.init_std;
  kind.zero_init_output = model.zero_init_output;
  return kind;
}

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
