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

struct KeptTextOptions {
  const std::vector<text::SourceFile>& files;
  const text::ReadOptions& read;
  const KeptDocuments& kept;
  // Of the documents that stay of each file, with their ends.
  const std::vector<std::uint64_t>& bytes_of_file;
  int threads = 1;
  std::filesystem::path folder;  // for scratch memory
};

// The documents stand one behind the other, each with selection::kDocumentEnd behind it.
class KeptText {
 public:
  // Reads the files, each on a thread of its own. Throws Error{kData} where their documents are not
  // of the size said, and Error{kStorage} where the folder has no room.
  explicit KeptText(const KeptTextOptions& options);

  [[nodiscard]] std::string_view text() const;

 private:
  ScratchMemory memory_;
};

}  // namespace cram::corpus
