// Tokens beside those of the model: special ones, and others that are found in text before it is
// cut into words.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cram/tokenizer/tokenizer.h"

#include "double_array.h"

namespace cram::tokenizer {

struct AddedToken {
  TokenId id = 0;
  std::string content = {};
  bool single_word = false;  // only where no word goes on at its ends
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space after it
  bool normalized = false;   // found in normalised text, not in the text as it comes
  bool special = false;      // never found in text
};

// Finds some of the added tokens, the leftmost and there the longest first.
class AddedTokenFinder {
 public:
  explicit AddedTokenFinder(std::vector<AddedToken> tokens);

  // Calls on_text(std::string_view), never with an empty one, and on_token(TokenId,
  // std::string_view), in order.
  template <class OnText, class OnToken>
  void split(std::string_view text, const OnText& on_text, const OnToken& on_token) const {
    std::size_t begin = 0;  // of what is not handed out yet
    for (std::size_t at = 0; !has_none_ && at < text.size();) {
      const Found found = find(text, at, begin);
      at = found.next;
      if (found.token == nullptr) continue;
      if (found.begin > begin) on_text(text.substr(begin, found.begin - begin));
      on_token(found.token->id, text.substr(found.begin, found.end - found.begin));
      begin = found.end;
    }
    if (begin < text.size()) on_text(text.substr(begin));
  }

 private:
  struct Found {
    std::size_t begin, end;   // with the white space that it takes
    std::size_t next;         // where to go on: white space after it may be a token once more
    const AddedToken* token;  // null: none that counts
  };

  [[nodiscard]] Found find(std::string_view text, std::size_t at, std::size_t taken) const;
  static Found with_spaces(Found found, std::string_view text, std::size_t taken);

  std::vector<AddedToken> tokens_;
  DoubleArray trie_;
  std::array<bool, 256> begins_{};  // bytes that begin a token
  bool has_none_;                   // nothing but special ones
};

}  // namespace cram::tokenizer
