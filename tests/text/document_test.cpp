// What all readers promise together: hostile input, flat memory, real text.
#include "cram/text/document.h"

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cram/base/error.h"
#include "cram/text/utf8.h"

#include "text/text_files.h"

namespace cram::text {
namespace {

using namespace std::string_literals;
using Kind = BadRecords::Kind;
using cram::test::TempFolder;
using test::packed;
using test::Packing;
using test::Reading;
using test::source;
using test::write;
using testing::HasSubstr;

// AddressSanitizer keeps freed memory for a while.
#ifdef __SANITIZE_ADDRESS__
constexpr double kMemorySlack = 20;
#else
constexpr double kMemorySlack = 1;
#endif

// Resident memory of this process in MiB.
double resident() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return static_cast<double>(pages * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Reads all documents; the growth of memory while it does so, at its largest.
double memory_to_read(const std::filesystem::path& path, const ReadOptions& options,
                      BadRecords& bad) {
  const double before = resident();
  double most = 0;
  const auto reader = open_documents(source(path), options, bad);
  for (int i = 0; reader->next(); ++i) {
    if (i % 1000 == 0) most = std::max(most, resident() - before);
  }
  return std::max(most, resident() - before);
}

// A file of `times` copies of one compressed stream.
void write_copies(const std::filesystem::path& path, const std::string& stream, int times) {
  std::ofstream file(path, std::ios::binary);
  for (int i = 0; i < times; ++i) {
    file.write(stream.data(), static_cast<std::streamsize>(stream.size()));
  }
}

class Hostile : public testing::Test {
 protected:
  // Reads a mutated file; whatever it holds, documents keep their promise or an Error says why not.
  void survive(const std::string& name, const std::string& content, const ReadOptions& options) {
    try {
      const Reading reading = test::read(write(folder_ / name, content), options);
      for (const std::string& text : reading.texts) {
        ASSERT_TRUE(is_valid_utf8(text));
        ASSERT_EQ(text.find('\0'), std::string::npos);
        ASSERT_NE(text.find_first_not_of(" \t\n\v\f\r"), std::string::npos);
      }
      ASSERT_GE(reading.bad.good() + reading.bad.bad(),
                static_cast<std::int64_t>(reading.texts.size()));
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kData);
    }
  }

  TempFolder folder_;
};

TEST_F(Hostile, MutationsOfTextAndJsonAreSurvived) {
  const std::string text =
      "\xEF\xBB\xBF"
      "First line\r\nsecond é\n\n日本語 paragraph\r\n \nlast 😀";
  const std::string json =
      "{\"text\":\"plain \\\"q\\\" \\u00e9 \\ud83d\\ude00\",\"n\":[1,-2.5e3,null]}\n"
      "{\"id\":{\"a\":[{}]},\"text\":\"日本語\"}\r\n\n{\"text\":\"end\"}";
  std::mt19937 random(23);
  for (int round = 0; round < 4000; ++round) {
    const bool is_text = round % 2 == 0;
    std::string content = is_text ? text : json;
    for (auto edits = 1 + random() % 6; edits > 0; --edits) {
      const std::size_t at = random() % content.size();
      switch (random() % 3) {
        case 0:
          content[at] = static_cast<char>(random());
          break;
        case 1:
          content.insert(at, content.substr(random() % content.size(), random() % 9));
          break;
        default:
          content.erase(at, 1 + random() % 5);
          break;
      }
      if (content.empty()) content = "x";
    }
    const ReadOptions options{
        .txt_documents = random() % 2 == 0 ? TxtDocuments::kParagraph : TxtDocuments::kFile,
        .max_document_bytes = 4 + static_cast<std::int64_t>(random() % 40)};
    survive(is_text ? "a.txt" : "a.jsonl", content, options);
    if (HasFatalFailure()) FAIL() << testing::PrintToString(content);
  }
}

TEST_F(Hostile, MutationsOfCompressedFilesAreSurvived) {
  std::string json;
  for (int i = 0; i < 60; ++i) json += "{\"text\":\"row " + std::to_string(i * i) + "\"}\n";
  std::mt19937 random(29);
  for (const Packing& packing : test::packings()) {
    const std::string whole = packed(json, packing.compression);
    for (int round = 0; round < 400; ++round) {
      std::string content = whole;
      for (auto edits = 1 + random() % 4; edits > 0; --edits) {
        content[random() % content.size()] = static_cast<char>(random());
      }
      if (random() % 4 == 0) content.resize(random() % content.size());
      survive("a.jsonl"s + packing.ending, content, {});
      if (HasFatalFailure()) FAIL() << packing.ending << " round " << round;
    }
  }
}

TEST_F(Hostile, OneHugeLineOfACompressionBombTakesLittleMemory) {
  constexpr int kTimes = 400;  // 400 MiB
  const std::string stream = packed(std::string(1 << 20, 'x'), Compression::kZstd);
  write_copies(folder_ / "bomb.txt.zst", stream, kTimes);
  BadRecords bad;
  const double text = memory_to_read(folder_ / "bomb.txt.zst", {}, bad);
  EXPECT_EQ(bad.good(), kTimes / 16);
  EXPECT_EQ(bad.bad(), 0);

  write(folder_ / "bomb.jsonl.zst",
        packed("{\"text\":\"before\"}\n{\"text\":\"", Compression::kZstd));
  std::ofstream(folder_ / "bomb.jsonl.zst", std::ios::binary | std::ios::app)
      << test::slurp(folder_ / "bomb.txt.zst")
      << packed("\"}\n{\"text\":\"after\"}\n", Compression::kZstd);
  const double json = memory_to_read(folder_ / "bomb.jsonl.zst", {}, bad);
  EXPECT_EQ(bad.good(), kTimes / 16 + 2);
  EXPECT_EQ(bad.bad(Kind::kTooLong), 1);
  EXPECT_EQ(bad.bad(), 1);
  EXPECT_THAT(bad.summary(), HasSubstr("bomb.jsonl.zst:2: the line is too long"));
  EXPECT_LT(text, 80 * kMemorySlack);
  EXPECT_LT(json, 200 * kMemorySlack);
}

TEST(Memory, StaysFlatWhateverTheSizeOfTheFile) {
  const TempFolder folder;
  std::string lines;
  for (int i = 0; lines.size() < 1 << 20; ++i) {
    lines += "{\"id\":" + std::to_string(i) + ",\"text\":\"some words of text " +
             std::to_string(i * 7919) + "\"}\n";
  }
  write_copies(folder / "a.jsonl.gz", packed(lines, Compression::kGzip), 300);
  BadRecords bad;
  const double growth = memory_to_read(folder / "a.jsonl.gz", {}, bad);
  EXPECT_GT(bad.good(), 4'000'000);
  EXPECT_EQ(bad.summary(), "");
  EXPECT_LT(growth, 10 * kMemorySlack);
}

class SharedText : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(data())) GTEST_SKIP() << "no shared data";
  }
  [[nodiscard]] static std::filesystem::path data() {
    return std::filesystem::path(CRAM_SHARED_DIR) / "data";
  }
  // The number of documents in a folder.
  [[nodiscard]] static std::int64_t count(const std::string& folder, const ReadOptions& options,
                                          BadRecords& bad) {
    std::int64_t documents = 0;
    for (const SourceFile& file : find_sources({(data() / folder).string()})) {
      const auto reader = open_documents(file, options, bad);
      while (reader->next()) ++documents;
    }
    return documents;
  }
};

// 15,364 rows, of which pyarrow finds 82 to be empty.
TEST_F(SharedText, HoldsTheArticlesOfWikipedia) {
  if (!can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  BadRecords bad;
  EXPECT_EQ(count("wikipedia", {}, bad), 15'364 - 82);
  EXPECT_EQ(bad.skipped_short(), 82);
  EXPECT_EQ(bad.summary(), "");
}

TEST_F(SharedText, HoldsTheBooks) {
  BadRecords bad;
  EXPECT_EQ(count("books", {}, bad), 377);
  EXPECT_EQ(bad.summary(), "");
}

// A paragraph, a heading among them, stands between blank lines.
TEST_F(SharedText, HoldsTheParagraphsOfWikiText) {
  BadRecords bad;
  std::int64_t paragraphs = 0;
  for (const char* name : {"valid.txt", "test.txt"}) {
    bool blank = true;
    std::ifstream file(data() / "wikitext-2" / name);
    for (std::string line; std::getline(file, line);) {
      const bool was_blank =
          std::exchange(blank, line.find_first_not_of(" \t\r\xEF\xBB\xBF") == std::string::npos);
      if (was_blank && !blank) ++paragraphs;
    }
  }
  EXPECT_EQ(count("wikitext-2", {}, bad), paragraphs);
  EXPECT_GT(paragraphs, 2000);
  EXPECT_EQ(bad.summary(), "");
}

TEST_F(SharedText, HoldsTwoFilesOfWikiText) {
  BadRecords bad;
  EXPECT_EQ(count("wikitext-2", {.txt_documents = TxtDocuments::kFile}, bad), 2);
}

}  // namespace
}  // namespace cram::text
