// A tokenizer that anyone can undo by hand: each byte of the text is one token.
#pragma once

#include <functional>
#include <string>

#include "cram/tokenizer/tokenizer.h"

namespace cram::test {

// Byte b is id `first_byte_id` + b. A lower-case letter continues the word of the token before it.
class FakeTokenizer : public tokenizer::Tokenizer {
 public:
  explicit FakeTokenizer(tokenizer::TokenId first_byte_id = 5) : first_(first_byte_id) {}

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<tokenizer::TokenId>& ids) const override {
    if (on_encode) on_encode();
    for (const char c : text) ids.push_back(id_of(c));
  }
  [[nodiscard]] std::string decode(std::span<const tokenizer::TokenId> ids) const override {
    std::string text;
    for (const tokenizer::TokenId id : ids) {
      if (id >= first_) text += static_cast<char>(id - first_);
    }
    return text;
  }
  [[nodiscard]] std::int64_t vocab_size() const override { return first_ + 256; }
  [[nodiscard]] const tokenizer::SpecialTokens& special_tokens() const override { return special_; }
  [[nodiscard]] std::string_view token(tokenizer::TokenId) const override { return "?"; }
  [[nodiscard]] bool continues_word(tokenizer::TokenId id) const override {
    return id >= id_of('a') && id <= id_of('z');
  }
  [[nodiscard]] std::uint64_t fingerprint() const override { return first_; }
  void save(const std::filesystem::path&, const tokenizer::Use&) const override {}

  [[nodiscard]] tokenizer::TokenId id_of(char c) const {
    return first_ + static_cast<unsigned char>(c);
  }

  std::function<void()> on_encode;

 private:
  tokenizer::TokenId first_;
  tokenizer::SpecialTokens special_;
};

}  // namespace cram::test
