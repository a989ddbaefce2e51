// corpus.json: what a corpus folder holds and what it was made from. It is written last, so a
// folder without it is not a corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cram/corpus/corpus.h"
#include "cram/corpus/shard.h"

namespace cram::corpus {

struct SplitSummary {
  std::int64_t documents = 0;
  std::int64_t sequences = 0;
  std::vector<std::int64_t> shards;  // sequences in each file
};

// What was read on the way to the shards.
struct TextSummary {
  std::int64_t bytes = 0;              // of text, UTF-8
  std::int64_t tokens = 0;             // before the remainder that fills no sequence is dropped
  std::int64_t unknown_tokens = 0;     // [UNK] among them
  std::int64_t empty_documents = 0;    // without a single token; left out
  std::int64_t cleaned_documents = 0;  // that data.clean_unicode changed
  std::int64_t short_records = 0;      // below min_document_bytes or all white space; left out
  std::int64_t good_records = 0;
  std::int64_t bad_records = 0;
  std::string bad_summary;  // as text::BadRecords tells it
};

struct Manifest {
  static constexpr const char* kFileName = "corpus.json";

  std::string made_from;  // JSON; the corpus key is its hash
  ShardLayout layout;
  SplitSummary training;
  SplitSummary held_out;
  TextSummary text;
  // For each file that was read, the first training sequence that begins in its text or, where none
  // does, behind it: ascending, and at most training.sequences.
  std::vector<std::int64_t> file_starts;

  [[nodiscard]] std::string key() const;
  [[nodiscard]] const SplitSummary& split(Split split) const {
    return split == Split::kTraining ? training : held_out;
  }

  // Durably, and whole or not at all.
  void write(const std::filesystem::path& folder) const;
  // Throws Error{kData} unless the file is there, unchanged since it was written and sound.
  [[nodiscard]] static Manifest read(const std::filesystem::path& folder);
};

}  // namespace cram::corpus
