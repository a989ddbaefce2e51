// Text that stood before, cut out within prepare().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "corpus/selection_fixture.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using test::rule_of;
using test::with;
using testing::HasSubstr;

class RepeatCutterTest : public test::SelectionTest {};

// Words with a letter for a digit, as letters are what this vocabulary gives back.
std::string passage(int number) {
  std::string text;
  for (int word = 0; word < 12; ++word) {
    text += (word > 0 ? " " : "") + std::string("qq");
    for (const char digit : std::to_string(number * 12 + word)) {
      text += static_cast<char>('a' + (digit - '0'));
    }
  }
  return text;
}

std::int64_t bytes_of(const std::string& text) { return static_cast<std::int64_t>(text.size()); }

TEST_F(RepeatCutterTest, CutsOutWhatStoodBefore) {
  std::vector<std::string> first;
  std::vector<std::string> second;
  // Half of a character at each end stood before as well.
  for (int i = 0; i < 40; ++i) {
    first.push_back("First " + std::to_string(i) + ": ä" + passage(i) + "ö.");
    second.push_back("Again " + std::to_string(i) + ": Ť" + passage(i) + "ü " + passage(100 + i));
  }
  // Nothing is left of these.
  first[7] = passage(3) + " " + passage(3);
  second[5] = passage(5);
  // Little is left of this, but it stands nowhere else.
  second[6] = passage(6) + " Xyz.";
  add_source(first);
  add_source(second);
  options_.rules.repeats = {.bytes = 40};
  const Prepared prepared = prepare(options_);

  const std::string text = packed_text(prepared);
  EXPECT_THAT(text, HasSubstr(passage(9)));
  EXPECT_EQ(text.find(passage(9)), text.rfind(passage(9)));
  EXPECT_THAT(text, HasSubstr("again 9"));
  EXPECT_THAT(text, HasSubstr("xyz"));
  const auto report = SelectionReport::read_from(prepared.corpus_folder);
  EXPECT_EQ(report.kept(), report.packed());
  EXPECT_EQ(report.packed().documents, 78);
  const RuleReport& gone = rule_of(report, "substring: nothing left");
  EXPECT_EQ(gone.dropped, (std::vector<Amount>{{1, bytes_of(first[7])}, {1, bytes_of(second[5])}}));
  const RuleReport& cut = rule_of(report, "substring: cut out");
  std::int64_t bytes = 0;
  for (int i = 0; i < 40; ++i) bytes += i == 5 || i == 7 ? 0 : bytes_of(passage(i));
  EXPECT_EQ(cut.dropped, (std::vector<Amount>{{0, 0}, {0, bytes}}));
  EXPECT_EQ(cut.samples.size(), 5U);
  EXPECT_THAT(cut.samples[0].text, testing::StartsWith("qq"));
  EXPECT_EQ(cut.samples[0].detail, std::to_string(cut.samples[0].text.size()) + " bytes");
}

TEST_F(RepeatCutterTest, CutsTheSameInAnyMemoryAndWithAnyThreads) {
  for (const int source : {1, 2}) {
    std::vector<std::string> documents;
    for (int i = 0; i < 1500; ++i) {
      documents.push_back(passage(i) + " or " + passage(source * 10'000 + i));
    }
    add_source(with(documents, documents[3]));
  }
  options_.tokenizer_file.clear();
  options_.train.vocab_size = 200;
  options_.rules.repeats = {.bytes = 40};
  options_.rules.exact_duplicates = true;
  const Prepared first = prepare(options_);
  options_.cache = folder_ / "other-cache";
  options_.threads = 3;
  options_.rules.repeats->memory = 100'000;
  test::expect_same_bytes(first, prepare(options_));
  EXPECT_GT(rule_of(SelectionReport::read_from(first.corpus_folder), "substring: cut out")
                .all_dropped()
                .bytes,
            1500 * 40);
}

TEST_F(RepeatCutterTest, SaysWhenWhatIsCutIsNoLongerThere) {
  std::vector<std::string> documents;
  for (int i = 0; i < 200; ++i) documents.push_back(passage(1000 + i) + " or " + passage(i % 100));
  add_source(documents);
  options_.rules.repeats = {.bytes = 40};
  const Prepared prepared = prepare(options_);
  fs::remove_all(prepared.corpus_folder);
  // Behind its back: the last but one document is a letter shorter and the last one longer.
  const fs::path file = options_.sources[0];
  const auto time = fs::last_write_time(file);
  std::string content = read_file(file);
  content.erase(content.size() - documents.back().size() - 5, 1);
  content.insert(content.size() - 2, "x");
  std::ofstream(file) << content;
  fs::last_write_time(file, time);
  try {
    (void)prepare(options_);
    FAIL() << "cut other text than was found to stand before";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the text changed"));
  }
}

}  // namespace
}  // namespace cram::corpus
