#include "cram/recipe/held_out.h"

#include <algorithm>

namespace cram::recipe {

std::string held_out_problem(const Recipe& recipe) {
  const Data& data = recipe.data;
  const bool joined = std::any_of(data.join_records.begin(), data.join_records.end(),
                                  [](std::int64_t count) { return count > 1; });
  if (data.sources.empty()) return "data.sources is empty: what it learned from is not known";
  if (!recipe.model.from.empty()) return "model.from: what that model learned from is not known";
  if (joined) return "data.join_records makes documents of several records";
  if (recipe.selection.substring_bytes) return "selection.substring_bytes cuts documents";
  return "";
}

std::string text_difference(const Recipe& one, const Recipe& other) {
  const Data &a = one.data, &b = other.data;
  if (a.held_out_share != b.held_out_share) return "data.held_out_share";
  if (a.text_field != b.text_field) return "data.text_field";
  if (a.txt_documents != b.txt_documents) return "data.txt_documents";
  if (a.clean_unicode != b.clean_unicode) return "data.clean_unicode";
  if (a.min_document_bytes != b.min_document_bytes) return "data.min_document_bytes";
  if (a.max_document_bytes != b.max_document_bytes) return "data.max_document_bytes";
  const Tokenizer &c = one.tokenizer, &d = other.tokenizer;
  if (c.lowercase != d.lowercase) return "tokenizer.lowercase";
  if (c.strip_accents != d.strip_accents) return "tokenizer.strip_accents";
  if (c.ascii_only != d.ascii_only) return "tokenizer.ascii_only";
  return "";
}

}  // namespace cram::recipe
