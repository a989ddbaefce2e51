#include "cram/glue/metrics.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "cram/base/error.h"

namespace cram::glue {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Labels = std::vector<int>;
using Scores = std::vector<double>;

TEST(Metric, IsFoundByItsName) {
  for (const Metric metric : {Metric::kAccuracy, Metric::kF1, Metric::kMatthews, Metric::kPearson,
                              Metric::kSpearman, Metric::kExactMatch}) {
    EXPECT_EQ(find_metric(name(metric)), metric);
  }
  EXPECT_STREQ(name(Metric::kExactMatch), "exact_match");
  EXPECT_EQ(find_metric("F1"), std::nullopt);
  EXPECT_EQ(find_metric(""), std::nullopt);
}

TEST(Accuracy, IsTheShareOfRightLabels) {
  EXPECT_DOUBLE_EQ(accuracy(Labels{1, 0, 2, 2}, Labels{1, 1, 2, 0}), 0.5);
  EXPECT_EQ(accuracy(Labels{}, Labels{}), 0);
}

TEST(F1, IsOfTheSecondLabelWhereThereAreTwo) {
  // Two hits, one false alarm, one miss.
  EXPECT_DOUBLE_EQ(f1(Labels{1, 1, 1, 0, 0}, Labels{1, 1, 0, 1, 0}, 2), 2.0 / 3);
}

TEST(F1, IsTheMeanOverAllLabelsWhereThereAreMore) {
  // The third label neither occurs nor is predicted, and counts as 0.
  EXPECT_DOUBLE_EQ(f1(Labels{0, 0, 1, 1}, Labels{0, 1, 1, 1}, 3), (2.0 / 3 + 0.8 + 0) / 3);
}

TEST(F1, IsNothingWithoutPositives) {
  EXPECT_EQ(f1(Labels{0, 0}, Labels{0, 0}, 2), 0);
  EXPECT_EQ(f1(Labels{0, 0}, Labels{1, 1}, 2), 0);
  EXPECT_EQ(f1(Labels{}, Labels{}, 2), 0);
  EXPECT_EQ(f1(Labels{}, Labels{}, 3), 0);
}

TEST(Matthews, IsACorrelation) {
  EXPECT_DOUBLE_EQ(matthews(Labels{1, 0, 1, 0}, Labels{1, 0, 1, 0}), 1);
  EXPECT_DOUBLE_EQ(matthews(Labels{0, 1, 0, 1}, Labels{1, 0, 1, 0}), -1);
  EXPECT_NEAR(matthews(Labels{1, 0, 1, 1}, Labels{1, 1, 1, 0}), -1.0 / 3, 1e-15);
}

TEST(Matthews, IsNothingForOneClassOnly) {
  EXPECT_EQ(matthews(Labels{1, 1, 1}, Labels{1, 0, 1}), 0);
  EXPECT_EQ(matthews(Labels{1, 0, 1}, Labels{0, 0, 0}), 0);
  EXPECT_EQ(matthews(Labels{}, Labels{}), 0);
}

TEST(Pearson, IsNothingForAConstant) {
  EXPECT_EQ(pearson(Scores{0.1, 0.1, 0.1}, Scores{1, 2, 3}), 0);
  EXPECT_EQ(pearson(Scores{1, 2, 3}, Scores{0, -0.0, 0}), 0);
  EXPECT_EQ(pearson(Scores{3}, Scores{4}), 0);
  EXPECT_EQ(pearson(Scores{}, Scores{}), 0);
}

TEST(Pearson, BearsValuesOfAnySize) {
  EXPECT_NEAR(pearson(Scores{1e308, -1e308, 1.5e308, 0}, Scores{1, -1, 1.5, 0}), 1, 1e-15);
  EXPECT_NEAR(pearson(Scores{5e-324, 0, 1e-323}, Scores{1, 0, 2}), 1, 1e-15);
  EXPECT_NEAR(pearson(Scores{1e15 + 1, 1e15 + 2, 1e15 + 3}, Scores{1, 2, 3}), 1, 1e-15);
}

TEST(Pearson, SaysThatAModelDiverged) {
  EXPECT_TRUE(std::isnan(pearson(Scores{1, kNan, 2}, Scores{1, 2, 3})));
  EXPECT_TRUE(std::isnan(pearson(Scores{kNan, kNan}, Scores{1, 2})));
  EXPECT_TRUE(std::isnan(pearson(Scores{1, kInfinity, 2}, Scores{1, 2, 3})));
}

TEST(Spearman, GivesTiesTheirMeanRank) {
  EXPECT_NEAR(spearman(Scores{1, 2, 2, 3}, Scores{1, 2, 3, 4}), 0.9486832980505138, 1e-15);
  EXPECT_NEAR(spearman(Scores{1, 10, 100}, Scores{-3, -2, kInfinity}), 1, 1e-15);
}

TEST(Spearman, SaysThatAModelDiverged) {
  EXPECT_TRUE(std::isnan(spearman(Scores{1, kNan, 2}, Scores{1, 2, 3})));
  EXPECT_EQ(spearman(Scores{2, 2, 2}, Scores{1, 2, 3}), 0);
  EXPECT_EQ(spearman(Scores{}, Scores{}), 0);
}

TEST(Confusion, CountsTruthByPrediction) {
  EXPECT_EQ(confusion(Labels{0, 1, 1, 2}, Labels{0, 0, 1, 1}, 3),
            (Confusion{{1, 1, 0}, {0, 1, 1}, {0, 0, 0}}));
  EXPECT_TRUE(confusion(Labels{}, Labels{}, 0).empty());
}

TEST(Metrics, RefuseWhatDoesNotFit) {
  EXPECT_THROW((void)accuracy(Labels{1}, Labels{1, 2}), Error);
  EXPECT_THROW((void)f1(Labels{1, 1}, Labels{1}, 2), Error);
  EXPECT_THROW((void)matthews(Labels{}, Labels{1}), Error);
  EXPECT_THROW((void)pearson(Scores{}, Scores{1}), Error);
  EXPECT_THROW((void)spearman(Scores{1}, Scores{}), Error);
  EXPECT_THROW((void)confusion(Labels{2}, Labels{0}, 2), Error);
  EXPECT_THROW((void)confusion(Labels{0}, Labels{-1}, 2), Error);
  EXPECT_THROW((void)entity_f1({{"O"}}, {{"O", "O"}}), Error);
  EXPECT_THROW((void)entity_f1({{"O"}}, {}), Error);
}

using Sentence = std::vector<std::string>;

double sentence_f1(const Sentence& predicted, const Sentence& truth) {
  return entity_f1({predicted}, {truth});
}

TEST(EntityF1, CountsWholeEntities) {
  const Sentence truth = {"B-PER", "I-PER", "O", "B-LOC"};
  EXPECT_EQ(sentence_f1(truth, truth), 1);
  EXPECT_DOUBLE_EQ(sentence_f1({"B-PER", "O", "O", "B-LOC"}, truth), 0.5);
  EXPECT_DOUBLE_EQ(sentence_f1({"B-PER", "I-PER", "O", "O"}, truth), 2.0 / 3);
  EXPECT_DOUBLE_EQ(sentence_f1({"B-ORG", "I-ORG", "O", "B-LOC"}, truth), 0.5);
  EXPECT_EQ(sentence_f1({"B-PER", "I-PER", "I-PER", "I-PER"}, truth), 0);
}

TEST(EntityF1, BeginsAnEntityWhereALabelSaysInsideOfAnother) {
  EXPECT_EQ(sentence_f1({"I-PER", "I-PER"}, {"B-PER", "I-PER"}), 1);
  EXPECT_EQ(sentence_f1({"B-PER", "I-LOC"}, {"B-PER", "B-LOC"}), 1);
  EXPECT_EQ(sentence_f1({"O", "I-PER", "I-LOC"}, {"O", "B-PER", "B-LOC"}), 1);
  EXPECT_EQ(sentence_f1({"B-PER", "B-PER"}, {"B-PER", "I-PER"}), 0);
}

TEST(EntityF1, KnowsSingleAndLastWords) {
  EXPECT_EQ(sentence_f1({"S-PER", "I-PER"}, {"B-PER", "B-PER"}), 1);
  EXPECT_EQ(sentence_f1({"B-PER", "E-PER", "E-PER"}, {"B-PER", "I-PER", "B-PER"}), 1);
}

TEST(EntityF1, TakesLabelsWithoutPrefixForInside) {
  EXPECT_EQ(sentence_f1({"PER", "PER", "LOC"}, {"B-PER", "I-PER", "B-LOC"}), 1);
  EXPECT_EQ(sentence_f1({"B", "I", "B"}, {"B-", "I-", "B-"}), 1);
}

TEST(EntityF1, EndsEntitiesWithTheirSentence) {
  EXPECT_EQ(entity_f1({{"B-PER"}, {"I-PER"}}, {{"B-PER"}, {"B-PER"}}), 1);
}

TEST(EntityF1, SumsOverSentences) {
  // One of one and one of three found, none wrong.
  EXPECT_DOUBLE_EQ(
      entity_f1({{"B-PER"}, {"B-LOC", "O", "O"}}, {{"B-PER"}, {"B-LOC", "B-LOC", "B-LOC"}}),
      2 * 1.0 * 0.5 / (1.0 + 0.5));
}

TEST(EntityF1, IsNothingWithoutEntities) {
  EXPECT_EQ(sentence_f1({"O", "O"}, {"O", "O"}), 0);
  EXPECT_EQ(sentence_f1({"B-PER", "O"}, {"O", "O"}), 0);
  EXPECT_EQ(entity_f1({}, {}), 0);
}

}  // namespace
}  // namespace cram::glue
