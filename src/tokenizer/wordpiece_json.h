// tokenizer.json and tokenizer_config.json of WordPiece tokenizers.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "wordpiece.h"

namespace cram::tokenizer {

// Reads the tokenizer.json `path` (already parsed) whose model is WordPiece, with BertNormalizer
// (and cram's ascii_only after it) and BertPreTokenizer, or the steps that TextSteps reads. The
// decoder does not change ids and is not looked at. Throws Error{kData}, naming the file and what
// is broken or unsupported, also in the files beside it (NamedTokens).
[[nodiscard]] std::unique_ptr<WordPiece> read_wordpiece_json(const nlohmann::json& root,
                                                             const std::filesystem::path& path);

// The text of a complete tokenizer.json, and of the tokenizer_config.json beside it.
[[nodiscard]] std::string wordpiece_json(const WordPiece& tokenizer, const Framing& framing);
[[nodiscard]] std::string wordpiece_config(const WordPiece& tokenizer, const Use& use);

}  // namespace cram::tokenizer
