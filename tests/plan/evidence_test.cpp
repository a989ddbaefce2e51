#include "cram/plan/evidence.h"

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/base/hash.h"
#include "cram/corpus/manifest.h"

#include "plan/studied_runs.h"

namespace cram::plan {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EvidenceTest : public StudiedTest {
 protected:
  std::string problem_of(const std::vector<recipe::Study>& studies, ErrorCode code) {
    try {
      (void)gather(studies, base());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "no problem";
  }
};

TEST_F(EvidenceTest, IsALawOfAllFinishedRuns) {
  const recipe::Study made = study();
  leave_all(made);
  const Evidence evidence = gather({made}, base());
  ASSERT_EQ(evidence.laws.size(), 1U);
  const Law& law = evidence.laws.front();
  EXPECT_EQ(law.kind, (Kind{32, 300}));
  EXPECT_EQ(law.forecast.points().size(), 12U);
  EXPECT_NEAR(law.forecast.loss(1e7, 1e8).expected, test::true_loss(1e7, 1e8), 1e-2);
  EXPECT_EQ(law.on_plateau, 0U);
  EXPECT_DOUBLE_EQ(law.narrowest, 64);
  EXPECT_DOUBLE_EQ(law.widest, 64);
  EXPECT_FALSE(law.bytes_per_token.has_value()) << "there is no corpus";
  EXPECT_THAT(evidence.left_out, IsEmpty());
}

TEST_F(EvidenceTest, AStudyNamedTwiceTellsNothingMore) {
  const recipe::Study made = study();
  leave_all(made);
  EXPECT_EQ(gather({made, made}, base()).laws.front().forecast.points().size(),
            gather({made}, base()).laws.front().forecast.points().size());
}

TEST_F(EvidenceTest, CountsTheRunsThatAreStillOnThePlateau) {
  const recipe::Study made = study();
  leave_all(made);
  for (std::size_t i = 0; i < 3; ++i) {
    leave(made.runs[i], {.loss = law_loss(made.runs[i]), .accuracy = 0.15});
  }
  EXPECT_EQ(gather({made}, base()).laws.front().on_plateau, 3U);
}

TEST_F(EvidenceTest, CountsNoEmbeddings) {
  const double small = body_parameters(base({"tokenizer.vocab_size=300"})),
               large = body_parameters(base({"tokenizer.vocab_size=30000"}));
  EXPECT_EQ(small, large);
  // Attention's four matrices, three of the gated feed-forward, and norms.
  EXPECT_NEAR(small, 4 * (4 * 256 * 256 + 3 * 256 * 512), 0.01 * small);
}

TEST_F(EvidenceTest, SaysWhichRunsTellNothing) {
  const recipe::Study made = study(), other = study("optimizer.type=muon", "other");
  leave_all(made);
  leave_all(other);
  leave(made.runs[0], {.loss = 1, .end = "interrupted"});
  leave(made.runs[1], {.loss = std::nan("")});
  const Evidence evidence = gather({made, other}, base());
  EXPECT_EQ(evidence.laws.front().forecast.points().size(), 10U);
  EXPECT_THAT(evidence.left_out,
              ElementsAre("1 run: not finished (w128-1500k-0)",
                          "12 runs: optimizer.type is muon there and adamw in the recipe "
                          "(w128-1500k-0, w128-4M-0, w128-10M-0, ...)",
                          "1 run: the loss is not finite (w128-4M-0)"));
}

TEST_F(EvidenceTest, IsTheSameWhateverTheRunsWereComputedOnAndIn) {
  const recipe::Study made = study("precision.compute=bf16");
  leave_all(made);
  const Evidence evidence = gather({made}, base({"precision.compute=fp32", "device.type=cpu"}));
  EXPECT_EQ(evidence.laws.front().forecast.points().size(), 12U);
  EXPECT_THAT(evidence.left_out, IsEmpty());
}

TEST_F(EvidenceTest, HasALawForEachBatchAndVocabulary) {
  const recipe::Study made = study(), larger = study("batch.size=64", "larger"),
                      words = study("tokenizer.vocab_size=900", "words");
  leave_all(made);
  leave_all(larger, 0.9);
  leave_all(words, 1.2, "decaf");
  const Evidence evidence = gather({made, larger, words}, base());
  ASSERT_EQ(evidence.laws.size(), 3U);
  EXPECT_EQ(evidence.laws[1].kind, (Kind{32, 900}));
  EXPECT_EQ(evidence.laws[2].kind, (Kind{64, 300}));
  EXPECT_NEAR(evidence.laws[2].forecast.loss(1e6, 5e6).expected, 0.9 * test::true_loss(1e6, 5e6),
              1e-2);
}

TEST_F(EvidenceTest, LeavesAKindWithTooFewRunsOut) {
  const recipe::Study made = study(), larger = study("batch.size=64", "larger");
  leave_all(made);
  for (std::size_t i = 0; i < 5; ++i) leave(larger.runs[i], {.loss = 4});
  const Evidence evidence = gather({made, larger}, base());
  EXPECT_EQ(evidence.laws.size(), 1U);
  EXPECT_THAT(evidence.left_out,
              Contains(AllOf(HasSubstr("5 runs: batches of 64 and a vocabulary of 300: a loss law "
                                       "needs 6 runs"),
                             HasSubstr("here are 5 runs with 2 sizes and 3 budgets"))));
}

TEST_F(EvidenceTest, SaysWhatIsMissingWhereThereAreTooFewRuns) {
  const recipe::Study made = study();
  EXPECT_THAT(problem_of({made}, ErrorCode::kUsage), HasSubstr("12 runs: not finished"));
  for (std::size_t i = 0; i < 12; i += 3) leave(made.runs[i], {.loss = 4});
  EXPECT_THAT(problem_of({made}, ErrorCode::kUsage),
              HasSubstr("3 sizes and 3 budgets of tokens; here are 4 runs with 4 sizes and 1"));
}

TEST_F(EvidenceTest, RefusesRunsThatWereNotMeasuredAlike) {
  const recipe::Study made = study();
  leave_all(made);
  leave(made.runs[4], {.loss = 4, .masked_tokens = 1400});
  EXPECT_THAT(problem_of({made}, ErrorCode::kData),
              AllOf(HasSubstr("w128-1500k-0 and w192-4M-0 cannot be compared"),
                    HasSubstr("on 1500 and 1400 masked tokens")));
  leave(made.runs[4], {.loss = 4, .corpus = "decaf"});
  EXPECT_THAT(problem_of({made}, ErrorCode::kData), HasSubstr("different text, c0ffee and decaf"));
  leave_all(made);
  for (const char* key : {"validation.tokens=7k", "validation.masking_rate=0.3"}) {
    const recipe::Study other = study(std::string(key) + ", batch.size=64", "other");
    leave_all(other);
    EXPECT_THAT(problem_of({made, other}, ErrorCode::kData),
                HasSubstr(std::string(key).substr(0, 17)));
  }
}

TEST_F(EvidenceTest, KnowsTheBytesOfATokenFromTheCorpus) {
  const recipe::Study made = study();
  corpus::Manifest manifest;
  manifest.made_from = "{}";
  manifest.layout = {.corpus_key = hash64("{}"), .vocab_size = 300, .sequence_length = 8};
  manifest.file_starts = {0};
  manifest.training = {1, 1, {1}};
  manifest.held_out = {1, 1, {1}};
  manifest.text.bytes = 460;
  manifest.text.tokens = 100;
  const auto folder = folder_ / ("cache/corpus-" + manifest.key());
  std::filesystem::create_directories(folder);
  manifest.write(folder);
  leave_all(made, 1, manifest.key());
  EXPECT_NEAR(gather({made}, base()).laws.front().bytes_per_token.value(), 4.6, 1e-12);
}

}  // namespace
}  // namespace cram::plan
