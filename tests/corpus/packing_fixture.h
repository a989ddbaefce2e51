// Packing with the fake tokenizer into one new folder after the other.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "cram/base/interrupt.h"

#include "corpus/packed_text.h"

namespace cram::test {

class PackingTest : public testing::Test {
 protected:
  ~PackingTest() override { interrupt::clear(); }

  std::filesystem::path new_folder() {
    auto folder = folder_ / ("corpus-" + std::to_string(folders_++));
    make_folders(folder);
    return folder;
  }

  TempFolder folder_;
  int folders_ = 0;
  FakeTokenizer tokenizer_;
  corpus::PackOptions options_ = PackedText::default_options();
};

}  // namespace cram::test
