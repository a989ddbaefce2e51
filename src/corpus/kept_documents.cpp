#include "kept_documents.h"

#include <cstring>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"

namespace cram::corpus {
namespace {

// Before the bits; in the byte order of the machine, which a cache does not leave.
struct Header {
  std::uint64_t checksum = 0;  // of the bits
  std::int64_t documents = 0;
};

std::size_t bytes_for(std::int64_t documents) {
  return static_cast<std::size_t>((documents + 7) / 8);
}

}  // namespace

KeptDocuments::KeptDocuments(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  const std::filesystem::path file = folder / kFileName;
  bits_ = read_file(file);
  Header header;
  const bool whole = bits_.size() >= sizeof header;
  if (whole) {
    std::memcpy(&header, bits_.data(), sizeof header);
    bits_.erase(0, sizeof header);
  }
  if (!whole || header.checksum != hash64(bits_) || bits_.size() != bytes_for(header.documents)) {
    throw Error(ErrorCode::kData, file.string() + ": damaged",
                "remove its folder and run again to make it anew");
  }
  documents_ = header.documents;
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

void KeptDocumentsWriter::write(const std::filesystem::path& folder) const {
  const Header header = {.checksum = hash64(bits_), .documents = documents_};
  std::string content(sizeof header, '\0');
  std::memcpy(content.data(), &header, sizeof header);
  write_file_atomic(folder / KeptDocuments::kFileName, content + bits_);
}

}  // namespace cram::corpus
