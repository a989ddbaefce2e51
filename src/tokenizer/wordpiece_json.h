// tokenizer.json and tokenizer_config.json of WordPiece tokenizers.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "wordpiece.h"

namespace cram::tokenizer {

// Reads a tokenizer.json (already parsed) whose model is WordPiece, with BertNormalizer (and cram's
// ascii_only after it) and BertPreTokenizer, or the steps that TextSteps reads. The decoder does
// not change ids and is not looked at. Throws Error{kData}, naming `name` and what is broken or
// unsupported.
[[nodiscard]] std::unique_ptr<WordPiece> read_wordpiece_json(const nlohmann::json& root,
                                                             const std::string& name);

// The text of a complete tokenizer.json, and of the tokenizer_config.json beside it.
[[nodiscard]] std::string wordpiece_json(const WordPiece& tokenizer, const Framing& framing);
[[nodiscard]] std::string wordpiece_config(const WordPiece& tokenizer, const Use& use);

}  // namespace cram::tokenizer
