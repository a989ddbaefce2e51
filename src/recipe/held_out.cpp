#include "cram/recipe/held_out.h"

#include <algorithm>

namespace cram::recipe {

std::string held_out_problem(const Recipe& recipe) {
  const auto& joins = recipe.data.join_records;
  if (recipe.data.sources.empty())
    return "data.sources is empty: what it learned from is not known";
  if (std::any_of(joins.begin(), joins.end(), [](std::int64_t count) { return count > 1; })) {
    return "data.join_records makes documents of several records";
  }
  if (recipe.selection.substring_bytes) return "selection.substring_bytes cuts documents";
  return "";
}

std::string held_out_difference(const Recipe& one, const Recipe& other) {
  const Data &a = one.data, &b = other.data;
  if (a.held_out_share != b.held_out_share) return "data.held_out_share";
  if (a.text_field != b.text_field) return "data.text_field";
  if (a.txt_documents != b.txt_documents) return "data.txt_documents";
  if (a.clean_unicode != b.clean_unicode) return "data.clean_unicode";
  if (a.min_document_bytes != b.min_document_bytes) return "data.min_document_bytes";
  if (a.max_document_bytes != b.max_document_bytes) return "data.max_document_bytes";
  return "";
}

}  // namespace cram::recipe
