#include "cram/text/clean_unicode.h"

#include <array>
#include <cstdlib>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utf8proc.h>

#include "cram/text/document.h"
#include "cram/text/utf8.h"

#include "support/mutator.h"
#include "text/text_files.h"

namespace cram::text {
namespace {

using testing::ElementsAre;

std::string utf8(std::int32_t character) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(character, bytes.data());
  return {bytes.begin(), bytes.begin() + size};
}

TEST(CleanUnicode, LeavesPlainTextAsItIs) {
  for (const char* text :
       {"", "Plain text, 3 lines.\n\tTwo\n", "Straße, naïve, Ωmega — “quoted” …",
        "日本語 と 한국어", "می\u200Cخواهم", "\u0600\u0661", "\U0001F469\u200D\U0001F52C"}) {
    EXPECT_EQ(clean_unicode(text), text);
  }
}

TEST(CleanUnicode, TakesOutWhatNobodySees) {
  EXPECT_EQ(clean_unicode("so\u00ADft hy\u200Bphen\uFEFF \u202Eleft\u2069"), "soft hyphen left");
  EXPECT_EQ(clean_unicode(std::string("a\0b\x7F\x1B[0m\u0080", 10)), "ab[0m");
  EXPECT_EQ(clean_unicode("icon \uE001\U000F0000 nothing \uFFFF\u0378"), "icon  nothing ");
}

TEST(CleanUnicode, KnowsOneSpaceAndOneEndOfLine) {
  EXPECT_EQ(clean_unicode("a\u00A0b\u2003c\u3000d\u202Fe"), "a b c d e");
  EXPECT_EQ(clean_unicode("a\u2028b\u2029c\u0085d\fe\vf"), "a\nb\nc\nd\ne\nf");
  EXPECT_EQ(clean_unicode("one\r\ntwo\rthree\n\rfour\x1F"
                          "five"),
            "one\ntwo\nthree\n\nfour five");
}

TEST(CleanUnicode, ComposesLettersAndMarks) {
  EXPECT_EQ(clean_unicode("cafe\u0301 A\u030A \u212B"), "café Å Å");
  EXPECT_EQ(clean_unicode("e\u200B\u0301"), "é") << "also where something stood between them";
  EXPECT_EQ(clean_unicode("q\u0323\u0307 q\u0307\u0323"), "q\u0323\u0307 q\u0323\u0307");
  EXPECT_EQ(clean_unicode("\u1112\u1161\u11AB"), "한");
  EXPECT_EQ(clean_unicode("ﬁ ½ Ａ"), "ﬁ ½ Ａ") << "what only looks alike stays";
}

TEST(CleanUnicode, ChangesNothingMoreTheSecondTime) {
  cram::test::Mutator mutator(5, {"\u0301", "\u200B", "\u00A0", "\u1161", "e", "\n", "\xFF"}, 10);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = repair_utf8(
        mutator.mutate("cafe\u0301 \u1112\u1161\u11AB q\u0307\u0323 \u2126 日本\u3000"));
    const std::string once = clean_unicode(text);
    ASSERT_TRUE(is_valid_utf8(once)) << testing::PrintToString(text);
    ASSERT_EQ(clean_unicode(once), once) << testing::PrintToString(text);
  }
}

// What utf8proc makes of the text as a whole.
std::string composed(const std::string& text) {
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> result(
      utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str())), &std::free);
  return reinterpret_cast<const char*>(result.get());
}

TEST(CleanUnicode, ComposesEachCharacterAsAWholeTextIs) {
  for (std::int32_t character = 0xA1; character < 0x30000; ++character) {
    if (utf8proc_category(character) == UTF8PROC_CATEGORY_CS) continue;
    if (clean_unicode(utf8(character)) == composed(utf8(character))) {
      for (const char* before : {"e", "к", "\u1100", "\uAC00", "日", "\u0323"}) {
        const std::string text = before + utf8(character);
        ASSERT_EQ(clean_unicode(text), composed(text)) << std::hex << character;
      }
    } else {
      const auto category = utf8proc_category(character);  // it does not stay, or becomes a space
      ASSERT_TRUE(category == UTF8PROC_CATEGORY_CN || category >= UTF8PROC_CATEGORY_ZS)
          << std::hex << character;
    }
  }
}

TEST(CleanUnicode, FindsWhatToCleanAtAnyPlace) {
  for (std::size_t at = 0; at < 40; ++at) {
    for (std::size_t after = 0; after < 12; ++after) {
      const std::string before(at, 'a'), behind(after, 'b');
      for (const char removed : {'\0', '\x1B', '\x7F'}) {
        EXPECT_EQ(clean_unicode(before + removed + behind), before + behind);
      }
      EXPECT_EQ(clean_unicode(before + "\r\n" + behind), before + "\n" + behind);
      EXPECT_EQ(clean_unicode(before + "e\u0301" + behind), before + "é" + behind);
      EXPECT_EQ(clean_unicode(before + "\u00A0~ é\n\t" + behind), before + " ~ é\n\t" + behind);
    }
  }
}

TEST(CleanedDocuments, SayWhetherTheyWereChangedAndAreNeverBlank) {
  const cram::test::TempFolder folder;
  const auto file =
      test::source(test::write(folder / "a.txt", "plain\n\ncafe\u0301\n\n\u200B\u00AD\n\nlast\n"));
  BadRecords bad;
  const ReadOptions options = {.clean_unicode = true};
  const auto reader = open_documents(file, options, bad);
  std::vector<std::string> texts;
  std::vector<bool> changed;
  while (const auto document = reader->next()) {
    texts.push_back(document->text);
    changed.push_back(document->cleaned);
  }
  EXPECT_THAT(texts, ElementsAre("plain", "café", "last"));
  EXPECT_THAT(changed, ElementsAre(false, true, false));
  EXPECT_EQ(bad.skipped_short(), 1);
  EXPECT_EQ(bad.good(), 3);
}

}  // namespace
}  // namespace cram::text
