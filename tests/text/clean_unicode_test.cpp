#include "cram/text/clean_unicode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/text/document.h"
#include "cram/text/utf8.h"

#include "support/mutator.h"
#include "text/text_files.h"

namespace cram::text {
namespace {

using testing::ElementsAre;

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
}

}  // namespace
}  // namespace cram::text
