#include "kept_documents.h"

#include "checked_file.h"

namespace cram::corpus {

KeptDocuments::KeptDocuments(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  CheckedItems items = read_checked(folder / kFileName);
  bits_ = std::move(items.bytes);
  documents_ = items.count;
  cuts_ = CutSpans(folder);
}

bool KeptDocuments::keeps(std::int64_t document) const {
  if (!documents_) return true;
  if (document >= *documents_) return false;  // documents() tells that the text changed
  const auto byte = static_cast<unsigned char>(bits_[static_cast<std::size_t>(document / 8)]);
  return (byte >> (document % 8) & 1) != 0;
}

void KeptDocumentsWriter::add(bool keep) {
  if (documents_ % 8 == 0) bits_ += '\0';
  if (keep) bits_.back() = static_cast<char>(bits_.back() | 1 << (documents_ % 8));
  ++documents_;
}

void KeptDocumentsWriter::drop(std::int64_t document) {
  char& byte = bits_[static_cast<std::size_t>(document / 8)];
  byte = static_cast<char>(byte & ~(1 << (document % 8)));
}

void KeptDocumentsWriter::write(const std::filesystem::path& folder) const {
  write_checked(folder / KeptDocuments::kFileName, documents_, bits_);
}

}  // namespace cram::corpus
