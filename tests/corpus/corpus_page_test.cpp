#include "cram/corpus/corpus_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/file.h"

#include "corpus/packed_text.h"
#include "report/markup_check.h"

namespace cram::corpus {
namespace {

using testing::HasSubstr;
using testing::Not;

Manifest small_manifest() {
  Manifest manifest;
  manifest.layout = {.corpus_key = 1, .vocab_size = 100, .sequence_length = 128};
  manifest.training = {.documents = 900, .sequences = 50, .shards = {50}};
  manifest.held_out = {.documents = 100, .sequences = 5, .shards = {5}};
  manifest.text.tokens = 7040;
  manifest.text.bad_summary = "1 bad record of 9: <b>";
  return manifest;
}

SelectionReport two_sources() {
  return {.sources = {{.name = "wiki/*.parquet",
                       .read = {1100, 5000},
                       .packed = {800, 4000},
                       .tokens = 1000},
                      {.name = "books", .read = {400, 3000}, .packed = {200, 1000}, .tokens = 0}},
          .rules = {{.name = "near duplicate",
                     .dropped = {{300, 1000}, {200, 2000}},
                     .samples = {{.text = "Once <script>upon", .detail = "similarity 0.91"}}},
                    {.name = "contamination", .dropped = {{}, {}}, .samples = {}}}};
}

TEST(CorpusPage, TellsWhatBecameOfTheText) {
  TextStatistics statistics(100);
  statistics.add("one two", std::vector<tokenizer::TokenId>(10, 42));
  const std::string page =
      render_corpus_page(small_manifest(), two_sources(), statistics, {{"selection", Seconds(75)}});
  for (const char* part :
       {"1,000 of 1,500 documents", "7.04 k tokens", "wiki/*.parquet", "<td>1,100</td>", "4.00",
        "<td>500</td>", "33.33 %", "of books", "similarity 0.91", "held-out", "01:15", "from 8",
        "from 4.0", "<td>10 times</td><td>1</td><td>1.00 %</td>"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  EXPECT_THAT(page, HasSubstr("Once &lt;script&gt;upon"));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_NO_THROW(report::MarkupCheck::check(page));
}

TEST(CorpusPage, IsWrittenOnceForACorpus) {
  const test::PackedText packed(test::make_documents(300));
  Prepared prepared;
  prepared.corpus_folder = packed.folder();
  prepared.stages = {{"packing", Seconds(1)}};
  const auto page = write_corpus_page(prepared);
  EXPECT_EQ(page, packed.folder() / "corpus.html");
  const std::string first = read_file(page);
  EXPECT_THAT(first, HasSubstr("00:01"));
  prepared.stages.clear();
  EXPECT_EQ(write_corpus_page(prepared), page);
  EXPECT_EQ(read_file(page), first) << "it knows the times";
}

}  // namespace
}  // namespace cram::corpus
