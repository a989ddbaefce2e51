// Small data sets on disk for the tests of this room.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/glue/example.h"

#include "support/temp_folder.h"

namespace cram::glue::test {

// Makes the folders above the file, too.
inline std::string write(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::remove(path);
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
  return path.string();
}

// The Error that reading must end in.
template <typename Read>
Error refused(const Read& read, ErrorCode code = ErrorCode::kData) {
  try {
    (void)read();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error;
  }
  ADD_FAILURE() << "the data were accepted";
  return {code, ""};
}

inline std::vector<double> targets(const Split& split) {
  std::vector<double> values;
  for (const Example& example : split.examples) values.push_back(example.target);
  return values;
}

inline std::vector<std::string> firsts(const Split& split) {
  std::vector<std::string> texts;
  for (const Example& example : split.examples) texts.push_back(example.first);
  return texts;
}

inline std::vector<std::string> ids(const Split& split) {
  std::vector<std::string> texts;
  for (const Example& example : split.examples) texts.push_back(example.id);
  return texts;
}

}  // namespace cram::glue::test
