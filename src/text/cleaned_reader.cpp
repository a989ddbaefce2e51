#include "cleaned_reader.h"

#include <utility>

#include "cram/text/clean_unicode.h"

namespace cram::text {
namespace {

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\n") == std::string::npos;
}

}  // namespace

CleanedReader::CleanedReader(std::unique_ptr<DocumentReader> documents)
    : documents_(std::move(documents)) {}

std::optional<Document> CleanedReader::next() {
  while (std::optional<Document> document = documents_->next()) {
    std::string cleaned = clean_unicode(document->text);
    if (is_blank(cleaned)) continue;
    document->cleaned = cleaned != document->text;
    document->text = std::move(cleaned);
    return document;
  }
  return std::nullopt;
}

}  // namespace cram::text
