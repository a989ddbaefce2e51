// Text to words by the steps of a tokenizer.json, for tokenizers that are not BERT's: slower than a
// WordSplitter, and open to more.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "normalizer_steps.h"
#include "utf8.h"
#include "word_steps.h"

namespace cram::tokenizer {

class TextSteps {
 public:
  // Throws Error{kData}, naming `name` and what is broken or unsupported.
  TextSteps(const nlohmann::json& normalizer, const nlohmann::json& pre_tokenizer,
            const std::string& name)
      : normalizer_json_(normalizer),
        pre_tokenizer_json_(pre_tokenizer),
        normalizer_(read_normalizer_steps(normalizer, name)),
        words_(pre_tokenizer, name) {}

  // Calls on_word(std::string_view) for each word of `text` (valid UTF-8) in order.
  template <class OnWord>
  void split(std::string_view text, const OnWord& on_word) const {
    const std::u32string normal = normalizer_.apply(code_points(text));
    for (const std::u32string_view word : words_.split(normal)) on_word(utf8_of(word));
  }

  [[nodiscard]] const BertNormalization& summary() const { return normalizer_.summary; }
  // As the file says it.
  [[nodiscard]] const nlohmann::ordered_json& normalizer() const { return normalizer_json_; }
  [[nodiscard]] const nlohmann::ordered_json& pre_tokenizer() const { return pre_tokenizer_json_; }

 private:
  nlohmann::ordered_json normalizer_json_, pre_tokenizer_json_;
  NormalizerSteps normalizer_;
  WordSteps words_;
};

}  // namespace cram::tokenizer
