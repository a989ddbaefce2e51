// What the post-processor of a tokenizer.json puts around texts.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "cram/tokenizer/tokenizer.h"

namespace cram::tokenizer {

struct FramingToken {
  std::string content;  // empty: the frame has none
  std::uint64_t id = 0;
};

struct FramedBy {
  Framing framing = kBare;
  FramingToken cls{}, sep{};
  bool trim_offsets = false;
};

// Reads RobertaProcessing, BertProcessing, a TemplateProcessing that says a Framing, ByteLevel, a
// Sequence of ByteLevel and one of the others, or null. Throws Error{kData}, naming `name` and what
// is broken or unsupported.
[[nodiscard]] FramedBy read_post_processor(const nlohmann::json& part, const std::string& name);

// Throws Error{kData} when a token of the frame is not the one of that role in `tokenizer`.
void check_framing(const FramedBy& framed_by, const Tokenizer& tokenizer, const std::string& name);

}  // namespace cram::tokenizer
