// A user's file of sentences with a label for each word: CoNLL columns or JSON lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cram::glue {

struct Sentence {
  std::vector<std::string> words;   // none is empty
  std::vector<std::string> labels;  // as many, or none
  std::int64_t line = 0;            // where it begins
};

// Throws Error{kData} for what does not fit, and for a file without sentences.
[[nodiscard]] std::vector<Sentence> read_sentences(const std::filesystem::path& path);

// Whether the first object of a .jsonl file holds a list of words.
[[nodiscard]] bool holds_words(const std::filesystem::path& path);

}  // namespace cram::glue
