#include "kept_documents.h"

#include <cstring>
#include <utility>

#include "checked_file.h"

namespace cram::corpus {

KeptDocuments::KeptDocuments(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  CheckedItems items = read_checked(folder / kFileName);
  bits_ = std::move(items.bytes);
  documents_ = items.count;
  const CheckedItems starts = read_checked(folder / kStartsName);
  file_starts_.resize(starts.bytes.size() / sizeof(std::int64_t));
  std::memcpy(file_starts_.data(), starts.bytes.data(), file_starts_.size() * sizeof(std::int64_t));
  cuts_ = CutSpans(folder);
}

KeptDocuments::KeptDocuments(std::string bits, std::int64_t documents,
                             std::vector<std::int64_t> file_starts)
    : bits_(std::move(bits)), file_starts_(std::move(file_starts)), documents_(documents) {}

std::int64_t KeptDocuments::start_of_file(std::size_t file) const {
  if (!documents_) return 0;
  return file < file_starts_.size() ? file_starts_[file] : *documents_;
}

bool KeptDocuments::keeps(std::int64_t document) const {
  if (!documents_) return true;
  if (document >= *documents_) return false;  // documents() tells that the text changed
  const auto byte = static_cast<unsigned char>(bits_[static_cast<std::size_t>(document / 8)]);
  return (byte >> (document % 8) & 1) != 0;
}

void KeptDocumentsWriter::add(std::size_t file, bool keep) {
  if (file >= file_starts_.size()) file_starts_.resize(file + 1, documents_);
  if (documents_ % 8 == 0) bits_ += '\0';
  if (keep) bits_.back() = static_cast<char>(bits_.back() | 1 << (documents_ % 8));
  ++documents_;
}

void KeptDocumentsWriter::drop(std::int64_t document) {
  char& byte = bits_[static_cast<std::size_t>(document / 8)];
  byte = static_cast<char>(byte & ~(1 << (document % 8)));
}

KeptDocuments KeptDocumentsWriter::documents(std::size_t files) const {
  return {bits_, documents_, starts_of(files)};
}

void KeptDocumentsWriter::write(std::size_t files, const std::filesystem::path& folder) const {
  const std::vector<std::int64_t> starts = starts_of(files);
  write_checked(folder / KeptDocuments::kFileName, documents_, bits_);
  write_checked(folder / KeptDocuments::kStartsName, static_cast<std::int64_t>(files),
                {reinterpret_cast<const char*>(starts.data()), starts.size() * sizeof starts[0]});
}

std::vector<std::int64_t> KeptDocumentsWriter::starts_of(std::size_t files) const {
  std::vector<std::int64_t> starts = file_starts_;
  starts.resize(files, documents_);
  return starts;
}

}  // namespace cram::corpus
