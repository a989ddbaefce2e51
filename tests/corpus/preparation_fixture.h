// A preparation of one source of text, without rules.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/base/interrupt.h"
#include "cram/corpus/prepare.h"

#include "corpus/packed_text.h"

namespace cram::test {

// The lock of an entry of the cache.
inline std::filesystem::path lock_of(const std::filesystem::path& folder) {
  return folder.parent_path() / ("." + folder.filename().string() + ".lock");
}

class PreparationTest : public ::testing::Test {
 protected:
  PreparationTest() {
    std::filesystem::create_directory(folder_ / "text");
    write_text(make_documents(300));
    write_letter_vocabulary(folder_ / "vocab.txt");
    options_.sources = {(folder_ / "text").string()};
    options_.cache = folder_ / "cache";
    options_.tokenizer_file = folder_ / "vocab.txt";
    options_.sequence_length = 32;
    options_.held_out_share = 0.1;
  }
  ~PreparationTest() override { interrupt::clear(); }

  void write_text(const std::vector<std::string>& documents) {
    write_txt(folder_ / "text" / "a.txt", documents);
  }
  // Folders in the cache whose name begins and ends so.
  [[nodiscard]] std::vector<std::filesystem::path> cached(const std::string& prefix,
                                                          const std::string& suffix) const {
    std::vector<std::filesystem::path> folders;
    if (!std::filesystem::exists(options_.cache)) return folders;
    for (const auto& item : std::filesystem::directory_iterator(options_.cache)) {
      const std::string name = item.path().filename().string();
      if (item.is_directory() && name.starts_with(prefix) && name.ends_with(suffix)) {
        folders.push_back(item.path());
      }
    }
    return folders;
  }
  // Those of finished or unfinished results, without pieces.
  [[nodiscard]] std::vector<std::filesystem::path> cached(const std::string& prefix) const {
    std::vector<std::filesystem::path> folders = cached(prefix, "");
    std::erase_if(folders, [](const auto& folder) { return folder.extension() == ".pieces"; });
    return folders;
  }

  TempFolder folder_;
  corpus::PrepareOptions options_;
};

}  // namespace cram::test
