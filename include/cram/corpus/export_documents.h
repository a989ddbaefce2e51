// The documents that stay after selection, as Parquet files: for cleaning, looking and training
// elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>

#include "cram/corpus/prepare.h"

namespace cram::corpus {

struct ExportedDocuments {
  std::filesystem::path folder;
  std::int64_t documents = 0;
  std::int64_t files = 0;
};

// Writes part-00000.parquet, … into documents-<key>/ of the cache, unless they are there, each of
// some 256 MiB of text, in the order of reading. Columns: "text"; "source", as the recipe names it;
// "split", "training" or "held-out". What only the tokenizer can tell (max_tokens_per_character) is
// not looked at. cram reads such files as any other.
//
// Makes the selection first where it is missing. Throws as prepare() does, and Error{kUsage} when
// this program was built without Parquet.
ExportedDocuments export_documents(const PrepareOptions& options);

}  // namespace cram::corpus
