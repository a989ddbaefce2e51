#include "cram/selection/language.h"

#include <cstdio>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/text/document.h"
#include "cram/text/utf8.h"

#include "selection/foreign_text.h"
#include "selection/planted_text.h"

namespace cram::selection {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string kEnglish =
    "In the morning the farmer walked over the fields to look after his cattle. It had rained all "
    "night, and the way to the river could hardly be seen any more. Only towards noon did the sun "
    "come out, and the children ran barefoot through the wet grass. ";

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text + "\n";
  return all;
}

// The name of the rule by which `text` goes; empty when it stays.
std::string dropped(const std::vector<std::string>& languages, const std::string& text) {
  const Language rule(languages);
  const auto drop = rule.judge(Document(text));
  if (!drop) return "";
  EXPECT_THAT(rule.names(), Contains(drop->rule));
  return drop->rule;
}

TEST(Language, KeepsWhatIsWantedAndDropsOthers) {
  EXPECT_EQ(dropped({"en"}, kEnglish), "");
  EXPECT_EQ(dropped({"de"}, kEnglish), "language: another");
  for (const auto& [code, text] : test::foreign_texts()) {
    EXPECT_EQ(dropped({"en"}, text), "language: another") << code;
    EXPECT_EQ(dropped({code}, text), "") << code;
    EXPECT_EQ(dropped({"en", code}, text), "") << code;
    const auto drop = Language({"en"}).judge(Document(text));
    EXPECT_THAT(drop.value().detail, StartsWith(code + " ")) << text;
  }
}

TEST(Language, GoesByWhatMostOfTheLettersAre) {
  const std::string& german = test::foreign_texts().front().text;
  EXPECT_EQ(dropped({"en"}, times(3, kEnglish) + german), "");
  EXPECT_EQ(dropped({"en"}, times(3, german) + kEnglish), "language: another");
  EXPECT_EQ(dropped({"en", "de"}, times(3, german) + kEnglish), "");
  EXPECT_EQ(dropped({"fr"}, times(3, german) + kEnglish), "language: another");
}

TEST(Language, LetsTextPassThatIsTooShortToTell) {
  for (const char* text : {"", " ", "Chapter II", "He nodded.", "SEBASTIAN",
                           "Karaoke in Australia.", "“Oui, monsieur!” he said, and was gone."}) {
    EXPECT_EQ(dropped({"en"}, text), "") << text;
  }
  const std::string dutch = "De boer liep in de ochtend over de velden naar zijn vee";
  EXPECT_EQ(dropped({"en"}, dutch), "");
  EXPECT_EQ(dropped({"en"}, dutch + ", dat in de wei stond."), "language: another");
}

TEST(Language, LeavesTextWithoutLettersToOtherRules) {
  EXPECT_EQ(dropped({"en"}, times(200, "1,234 | 5.6 % | -- | 2001")), "");
  EXPECT_EQ(dropped({"en"}, times(2000, "*****")), "");
  EXPECT_EQ(dropped({"en"}, times(200, "🙂🙃")), "");
}

TEST(Language, IsUnknownWhereManyLettersAreOfNone) {
  Random random = test::text_random(21);
  EXPECT_EQ(dropped({"en"}, test::join(test::random_words(300, random))), "language: unknown");
}

TEST(Language, LooksAtAllOfALongDocument) {
  const std::string& german = test::foreign_texts().front().text;
  const std::string head = times(400, kEnglish);
  EXPECT_EQ(dropped({"en"}, head), "");
  EXPECT_EQ(dropped({"en"}, head + times(1200, german)), "language: another");
  EXPECT_EQ(dropped({"en"}, times(400, german) + times(1200, kEnglish)), "");
  // Whole characters at every cut.
  for (int shift = 0; shift < 4; ++shift) {
    EXPECT_EQ(dropped({"ja"}, std::string(static_cast<std::size_t>(shift), 'x') +
                                  times(1000, test::foreign_texts()[8].text)),
              "");
  }
}

TEST(Language, SaysSoOfACodeThatNobodyKnows) {
  for (const char* code : {"xy", "eng", "english", "xxx", "un", ""}) {
    try {
      (void)Language({"en", code});
      ADD_FAILURE() << "took '" << code << "'";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("selection.languages"));
      EXPECT_THAT(error.what(), HasSubstr("'" + std::string(code) + "'"));
      EXPECT_FALSE(error.hint().empty());
    }
  }
  EXPECT_NO_THROW(Language({"en", "de", "zh", "zh-Hant", "ja", "he", "sr", "la"}));
}

TEST(Language, SaysTheSameFromManyThreads) {
  const Language rule({"en"});
  std::vector<std::string> texts = {kEnglish};
  for (const auto& foreign : test::foreign_texts()) texts.push_back(foreign.text);
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int& mine : wrong) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 400; ++i) {
        const std::size_t text = i % texts.size();
        if (rule.judge(Document(texts[text])).has_value() != (text > 0)) ++mine;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

// Any text at all, as long as it is UTF-8.
TEST(Language, TakesWhateverComes) {
  const Language rule({"en"});
  Random random = test::text_random(22);
  const std::vector<std::string> pieces = {"a",  "<p", ">",    "&amp;",    "\0", "é",  "あ", "🙂",
                                           "\n", " ",  "\x7F", "<script>", "ß",  "\r", "é"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::uint32_t i = random.below(300); i > 0; --i) {
      text += pieces[random.below(static_cast<std::uint32_t>(pieces.size()))];
    }
    EXPECT_NO_THROW((void)rule.judge(Document(text)));
  }
}

// English articles with others planted among them.
TEST(Language, IsRightAboutArticles) {
  const std::filesystem::path folder =
      std::filesystem::path(CRAM_SHARED_DIR) / "data" / "wikipedia";
  if (!text::can_read_parquet() || !std::filesystem::exists(folder)) GTEST_SKIP();
  const Language rule({"en"});
  text::BadRecords bad;
  const auto files = text::find_sources({folder.string()});
  const auto reader = text::open_documents(files[0], {}, bad);
  int english = 0, lost = 0, foreign = 0, found = 0;
  while (const auto document = reader->next()) {
    const auto& [code, text] = test::foreign_texts()[static_cast<std::size_t>(foreign) % 10];
    ++english;
    lost += rule.judge(Document(document->text)).has_value() ? 1 : 0;
    const std::string heading =
        document->text.substr(0, text::utf8_boundary(document->text, 30)) + "\n";
    ++foreign;
    found += rule.judge(Document(heading + text)).has_value() ? 1 : 0;
  }
  std::printf("%d of %d foreign and %d of %d English articles go\n", found, foreign, lost, english);
  EXPECT_GT(english, 5000);
  EXPECT_LE(lost, english / 2000);
  EXPECT_GE(found, foreign * 99 / 100);
}

}  // namespace
}  // namespace cram::selection
