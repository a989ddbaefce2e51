// The normalizer of a tokenizer.json that is more than BertNormalizer, step by step.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "normalization.h"

namespace cram::tokenizer {

struct NormalizerSteps {
  std::vector<std::function<std::u32string(std::u32string)>> steps;
  BertNormalization summary;  // which of its parts they do

  [[nodiscard]] std::u32string apply(std::u32string text) const;
};

// Reads BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Sequences of
// them, and null. Throws Error{kData}, naming `name` and what is broken or unsupported.
[[nodiscard]] NormalizerSteps read_normalizer_steps(const nlohmann::json& part,
                                                    const std::string& name);

// BertNormalizer.
[[nodiscard]] BertNormalization read_bert_normalizer(const nlohmann::json& part,
                                                     const std::string& name);

}  // namespace cram::tokenizer
