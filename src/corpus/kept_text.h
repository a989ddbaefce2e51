// The text of the documents that stay, all of it at hand, for those who must look back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "cram/base/scratch_memory.h"
#include "cram/text/document.h"
#include "cram/text/sources.h"

#include "kept_documents.h"

namespace cram::corpus {

// The documents stand one behind the other, each with selection::kDocumentEnd behind it, in scratch
// memory.
class KeptText {
 public:
  // Reads the files, each on a thread of its own, of `threads`. `bytes_of_file`: of the documents
  // that stay of each, with their ends. Throws Error{kData} where these are not of that size, and
  // Error{kStorage} where the folder has no room.
  KeptText(const std::vector<text::SourceFile>& files, const text::ReadOptions& read,
           const KeptDocuments& kept, const std::vector<std::uint64_t>& bytes_of_file, int threads,
           const std::filesystem::path& folder);

  [[nodiscard]] std::string_view text() const;

 private:
  ScratchMemory memory_;
};

}  // namespace cram::corpus
