#include "cram/text/line_reader.h"

#include <csignal>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

namespace cram::text {
namespace {

using namespace std::string_literals;
using End = LineReader::End;
using testing::ElementsAre;
using testing::HasSubstr;

// Hands out a text in pieces of a fixed size.
class PieceSource final : public ByteSource {
 public:
  PieceSource(std::string text, std::size_t piece, std::string damage = "")
      : text_(std::move(text)), piece_(piece), damage_(std::move(damage)) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t taken = std::min({size, piece_, text_.size() - at_});
    std::memcpy(to, text_.data() + at_, taken);
    at_ += taken;
    return taken;
  }
  [[nodiscard]] const std::string& damage() const override { return damage_; }
  [[nodiscard]] std::uint64_t bytes_read() const override { return at_; }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::string damage_;
};

LineReader reader(const std::string& text, std::size_t piece = 1 << 16,
                  std::size_t max_piece = 1 << 20, const std::string& damage = "") {
  return {std::make_unique<PieceSource>(text, piece, damage), "a.txt", max_piece};
}

std::vector<std::string> lines_of(LineReader lines) {
  std::vector<std::string> all;
  while (auto line = lines.next()) {
    all.emplace_back(line->text);
    EXPECT_EQ(line->end, End::kLine);
    EXPECT_EQ(lines.number(), static_cast<std::int64_t>(all.size()));
  }
  return all;
}

TEST(LineReader, EndsLinesInAllThreeWays) {
  EXPECT_THAT(lines_of(reader("a\nb\r\nc\rd")), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(lines_of(reader("\n\r\n\r\r\n")), ElementsAre("", "", "", ""));
  EXPECT_THAT(lines_of(reader("a\n")), ElementsAre("a"));
  EXPECT_THAT(lines_of(reader("a\r")), ElementsAre("a"));
  EXPECT_THAT(lines_of(reader("")), ElementsAre());
  EXPECT_THAT(lines_of(reader("a\0b\n"s)), ElementsAre("a\0b"s));
}

TEST(LineReader, DropsTheByteOrderMarkAtTheStartOnly) {
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    EXPECT_THAT(lines_of(reader("\xEF\xBB\xBF"
                                "a\n\xEF\xBB\xBF"
                                "b",
                                piece)),
                ElementsAre("a",
                            "\xEF\xBB\xBF"
                            "b"));
    EXPECT_THAT(lines_of(reader("\xEF\xBB\xBF", piece)), ElementsAre());
    EXPECT_THAT(lines_of(reader("\xEF\xBB", piece)), ElementsAre("\xEF\xBB"));
  }
}

TEST(LineReader, RefusesUtf16WithAHint) {
  for (const std::string& text : {"\xFF\xFE"
                                  "a\0"s,
                                  "\xFE\xFF\0a"s}) {
    try {
      LineReader lines = reader(text);
      (void)lines.next();
      FAIL() << "UTF-16 was accepted";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("a.txt is UTF-16"));
      EXPECT_THAT(error.hint(), HasSubstr("iconv"));
    }
  }
}

// The definition, byte by byte.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' && text[i] != '\r') {
      line += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    lines.push_back(std::exchange(line, ""));
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

TEST(LineReader, GivesTheSameLinesWhateverThePieces) {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto size = random() % 60; size > 0; --size) text += "ab\n\r"[random() % 4];
    const std::size_t piece = 1 + random() % 9;
    ASSERT_EQ(lines_of(reader(text, piece, 64)), split(text)) << testing::PrintToString(text);
  }
}

TEST(LineReader, CutsLongLinesIntoPieces) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto size = random() % 80; size > 0; --size) text += "abcdefgh\n\r"[random() % 10];
    const std::size_t max_piece = 1 + random() % 6;
    LineReader lines = reader(text, 1 + random() % 9, max_piece);
    std::vector<std::string> joined;
    bool continues = false;
    while (auto line = lines.next()) {
      ASSERT_LE(line->text.size(), max_piece);
      if (!continues) joined.emplace_back();
      joined.back() += line->text;
      continues = line->end == End::kContinues;
      ASSERT_EQ(lines.number(), static_cast<std::int64_t>(joined.size()));
    }
    ASSERT_FALSE(continues);
    ASSERT_EQ(joined, split(text)) << testing::PrintToString(text);
  }
}

TEST(LineReader, SaysWhichLineADamagedStreamBreaksOffIn) {
  LineReader lines = reader("one\ntw", 2, 100, "broken");
  EXPECT_EQ(lines.next()->end, End::kLine);
  const auto last = lines.next();
  EXPECT_EQ(last->text, "tw");
  EXPECT_EQ(last->end, End::kDamaged);
  EXPECT_FALSE(lines.next());
  EXPECT_EQ(lines.number(), 2);
}

TEST(LineReader, EndsALongLineThatADamagedStreamBreaksOff) {
  LineReader lines = reader("aaaaaa", 6, 3, "broken");
  EXPECT_EQ(lines.next()->end, End::kContinues);
  EXPECT_EQ(lines.next()->end, End::kDamaged);
  EXPECT_FALSE(lines.next());
}

TEST(LineReader, StopsWhenASignalAsksTo) {
  LineReader lines = reader("a\nb\n");
  interrupt::request_stop(SIGTERM);
  EXPECT_THROW((void)lines.next(), Interrupted);
  interrupt::clear();
}

}  // namespace
}  // namespace cram::text
