// Small tokenizers and files for the tests of this room.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cram/base/error.h"
#include "cram/tokenizer/tokenizer.h"

#include "support/temp_folder.h"

namespace cram::tokenizer::test {

inline void write(const std::filesystem::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
}

inline std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// One a line, the special tokens first.
inline std::string vocab_txt(const std::vector<std::string>& tokens) {
  std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const std::string& token : tokens) text += token + '\n';
  return text;
}

inline std::shared_ptr<const Tokenizer> wordpiece(const std::vector<std::string>& tokens,
                                                  const Normalization& normalization = {}) {
  const cram::test::TempFolder folder;
  write(folder / "vocab.txt", vocab_txt(tokens));
  return load_tokenizer(folder / "vocab.txt", normalization);
}

// The tokens of a text, joined by spaces.
inline std::string pieces(const Tokenizer& tokenizer, std::string_view text) {
  std::string joined;
  for (const TokenId id : tokenizer.encode(text)) {
    joined += (joined.empty() ? "" : " ") + std::string(tokenizer.token(id));
  }
  return joined;
}

// The message of the Error that `act` throws, which must be a kData error in one line.
inline std::string data_error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) return "code " + std::to_string(error.exit_code());
    const std::string message = error.what();
    if (message.find('\n') != std::string::npos) return "more than one line: " + message;
    return message;
  }
  return "no error";
}

inline std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace cram::tokenizer::test
