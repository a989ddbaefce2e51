// The pre-tokenizer of a tokenizer.json that is more than BertPreTokenizer, step by step.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cram::tokenizer {

class WordSteps {
 public:
  // Reads BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits and Sequences of them.
  // Throws Error{kData}, naming `name` and what is broken or unsupported.
  WordSteps(const nlohmann::json& part, const std::string& name);

  // The words of a text, as parts of it.
  [[nodiscard]] std::vector<std::u32string_view> split(std::u32string_view text) const;

 private:
  // What a step makes of a character: neighbours of the same kind stay together, but for kApart.
  enum class Kind { kWord, kOther, kApart, kDropped };
  using Step = std::function<Kind(char32_t)>;

  static Kind kind_for_bert(char32_t code);
  static Kind kind_for_whitespace(char32_t code);
  static Kind read_behavior(const nlohmann::json& part, const std::string& name);

  void read(const nlohmann::json& part, const std::string& name);
  static Step read_step(const nlohmann::json& part, const std::string& name);

  std::vector<Step> steps_;
};

}  // namespace cram::tokenizer
