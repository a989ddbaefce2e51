// tools/bench/tokenizer_oracle.py from C++: what Hugging Face's packages make of the same input.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "cram/tokenizer/tokenizer.h"

#include "support/temp_folder.h"

namespace cram::tokenizer::test {

// Runs `command TEXTS OUTPUT options` and returns the output; nothing when the interpreter that
// CRAM_PYTHON names (or python3) lacks the packages.
inline std::optional<nlohmann::json> ask_oracle(const std::string& command,
                                                const std::vector<std::string>& texts,
                                                const std::string& options) {
  const cram::test::TempFolder folder;
  std::ofstream(folder / "texts.json") << nlohmann::json(texts).dump();
  const char* named = std::getenv("CRAM_PYTHON");
  const std::string python = named == nullptr ? "python3" : named;
  const int status =
      std::system(("'" + python + "' '" CRAM_SOURCE_DIR "/tools/bench/tokenizer_oracle.py' " +
                   command + " '" + (folder / "texts.json").string() + "' '" +
                   (folder / "output.json").string() + "' " + options)
                      .c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) return std::nullopt;
  if (code != 0) {
    ADD_FAILURE() << "the oracle failed with code " << code;
    return std::nullopt;
  }
  std::ifstream output(folder / "output.json");
  return nlohmann::json::parse(output);
}

// Expects the ids of `tokenizer` on each text to be those of the oracle. False when it is absent.
inline bool expect_ids_of_oracle(const Tokenizer& tokenizer, const std::vector<std::string>& texts,
                                 const std::string& options) {
  const auto expected = ask_oracle("encode", texts, options);
  if (!expected) return false;
  EXPECT_EQ(expected->size(), texts.size());
  int different = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (tokenizer.encode(texts[i]) == expected->at(i).get<std::vector<TokenId>>()) continue;
    if (++different <= 3) ADD_FAILURE() << "other ids for: " << texts[i].substr(0, 200);
  }
  EXPECT_EQ(different, 0) << "of " << texts.size() << " texts";
  return true;
}

}  // namespace cram::tokenizer::test
