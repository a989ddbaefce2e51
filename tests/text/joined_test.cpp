#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/text/document.h"

#include "text/text_files.h"

namespace cram::text {
namespace {

using testing::ElementsAre;

std::vector<std::string> joined(const std::string& name, const std::string& content,
                                const ReadOptions& options) {
  return test::read_as(name, content, options).texts;
}

TEST(JoinedRecords, AreSoManyLinesOfADocument) {
  const std::string lines = R"({"text": "one"})"
                            "\n"
                            R"({"text": "two"})"
                            "\n"
                            R"({"text": "three"})"
                            "\n";
  EXPECT_THAT(joined("a.jsonl", lines, {.join_records = {2}}), ElementsAre("one\ntwo", "three"));
  EXPECT_THAT(joined("a.jsonl", lines, {.join_records = {3}}), ElementsAre("one\ntwo\nthree"));
  EXPECT_THAT(joined("a.jsonl", lines, {.join_records = {16}}), ElementsAre("one\ntwo\nthree"));
  EXPECT_THAT(joined("a.jsonl", lines, {.join_records = {1}}), ElementsAre("one", "two", "three"));
  EXPECT_THAT(joined("a.txt", "one\n\ntwo\n\nthree\n", {.join_records = {2}}),
              ElementsAre("one\ntwo", "three"));
}

TEST(JoinedRecords, EndWhereTheyAreLongEnough) {
  EXPECT_THAT(joined("a.txt", "four\n\nfour\n\nfour\n\nfour\n",
                     {.max_document_bytes = 8, .join_records = {16}}),
              ElementsAre("four\nfour", "four\nfour"));
}

TEST(JoinedRecords, MayBeShorterThanDocuments) {
  const test::Reading reading =
      test::read_as("a.txt", "one\n\ntwo\n\nsix\n", {.min_document_bytes = 7, .join_records = {2}});
  EXPECT_THAT(reading.texts, ElementsAre("one\ntwo"));
  EXPECT_EQ(reading.bad.skipped_short(), 1);
  EXPECT_EQ(reading.bad.good(), 2);
}

TEST(JoinedRecords, AreThoseOfOneSource) {
  const cram::test::TempFolder folder;
  SourceFile file = test::source(test::write(folder / "a.txt", "one\n\ntwo\n"));
  const ReadOptions options = {.join_records = {1, 2}};
  for (const auto& [source, first] : {std::pair(0, "one"), {1, "one\ntwo"}, {2, "one"}}) {
    file.source = static_cast<std::size_t>(source);
    BadRecords bad;
    EXPECT_EQ(open_documents(file, options, bad)->next()->text, first) << source;
  }
}

}  // namespace
}  // namespace cram::text
