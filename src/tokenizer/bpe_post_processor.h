// What the post-processor of a byte-level tokenizer.json puts around texts.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "framing.h"

namespace cram::tokenizer {

struct FramingToken {
  std::string content;
  std::uint64_t id = 0;
};

struct FramedBy {
  std::optional<Framing> framing;  // nothing: texts stay bare
  FramingToken cls{}, sep{};       // without content when they do
  bool trim_offsets = false;
};

// Reads RobertaProcessing, BertProcessing, a TemplateProcessing of their form, ByteLevel, a
// Sequence of ByteLevel and one of the others, or null. Throws Error{kData}, naming `name` and what
// is broken or unsupported.
[[nodiscard]] FramedBy read_post_processor(const nlohmann::json& part, const std::string& name);

}  // namespace cram::tokenizer
