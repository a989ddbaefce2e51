// Our metrics against scikit-learn, scipy and seqeval, on random and on degenerate input.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include <gtest/gtest.h>

#include "cram/base/file.h"
#include "cram/glue/metrics.h"

#include "support/process.h"
#include "support/temp_folder.h"

namespace cram::glue {
namespace {

using nlohmann::json;
using Labels = std::vector<int>;
using Scores = std::vector<double>;
using Sentences = std::vector<std::vector<std::string>>;

constexpr double kTolerance = 1e-9;

class MetricsOracle : public testing::Test {
 protected:
  // What the packages say about each case; skips the test where they are not installed.
  void ask() {
    const char* python = std::getenv("CRAM_PYTHON");
    if (python == nullptr) GTEST_SKIP() << "set CRAM_PYTHON to a Python with scikit-learn";
    std::ofstream(folder_ / "cases.json") << cases_.dump();
    const test::Finished oracle =
        test::run({"/usr/bin/env", python, CRAM_SOURCE_DIR "/tests/glue/metrics_oracle.py",
                   folder_ / "cases.json", folder_ / "output.json"});
    if (oracle.exit_code == 77) GTEST_SKIP() << oracle.output;
    ASSERT_EQ(oracle.exit_code, 0) << oracle.errors;
    expected_ = json::parse(read_file(folder_ / "output.json"));
    ASSERT_EQ(expected_.size(), cases_.size());
  }

  [[nodiscard]] bool answered() const { return !expected_.is_null(); }

  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
  double normal() { return std::normal_distribution<double>()(random_); }

  test::TempFolder folder_;
  std::mt19937_64 random_{5};
  json cases_ = json::array(), expected_;
};

class LabelOracle : public MetricsOracle {
 protected:
  void add(const Labels& predicted, const Labels& truth, int classes) {
    cases_.push_back(
        {{"kind", "labels"}, {"predicted", predicted}, {"truth", truth}, {"classes", classes}});
  }

  // Right in about `right` of ten cases.
  void add_random(int size, int classes, int right) {
    Labels predicted, truth;
    for (int i = 0; i < size; ++i) {
      truth.push_back(below(classes));
      predicted.push_back(below(10) < right ? truth.back() : below(classes));
    }
    add(predicted, truth, classes);
  }

  void expect_same() {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const auto predicted = cases_[i]["predicted"].get<Labels>();
      const auto truth = cases_[i]["truth"].get<Labels>();
      const int classes = cases_[i]["classes"];
      SCOPED_TRACE(cases_[i].dump().substr(0, 300));
      EXPECT_NEAR(accuracy(predicted, truth), expected_[i]["accuracy"], kTolerance);
      EXPECT_NEAR(f1(predicted, truth, classes), expected_[i]["f1"], kTolerance);
      EXPECT_NEAR(matthews(predicted, truth), expected_[i]["matthews"], kTolerance);
      EXPECT_EQ(json(confusion(predicted, truth, classes)), expected_[i]["confusion"]);
    }
  }
};

TEST_F(LabelOracle, AgreesOnRandomLabels) {
  for (const int classes : {2, 3, 5, 20}) {
    for (const int size : {1, 2, 3, 10, 100, 1000}) {
      for (int round = 0; round < 15; ++round) add_random(size, classes, below(11));
    }
  }
  add_random(40'000, 2, 8);
  add_random(40'000, 3, 9);
  ask();
  if (answered()) expect_same();
}

TEST_F(LabelOracle, AgreesWhereLabelsAreMissing) {
  for (const int classes : {2, 3, 4}) {
    for (int predicted = 0; predicted < classes; ++predicted) {
      for (int truth = 0; truth < classes; ++truth) {
        add(Labels(7, predicted), Labels(7, truth), classes);
        Labels mixed(7, truth);
        mixed[3] = (truth + 1) % classes;
        add(Labels(7, predicted), mixed, classes);
        add(mixed, Labels(7, predicted), classes);
      }
    }
  }
  ask();
  if (answered()) expect_same();
}

class ScoreOracle : public MetricsOracle {
 protected:
  void add(const Scores& predicted, const Scores& truth) {
    cases_.push_back({{"kind", "scores"}, {"predicted", predicted}, {"truth", truth}});
  }

  void expect_same() {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const auto predicted = cases_[i]["predicted"].get<Scores>();
      const auto truth = cases_[i]["truth"].get<Scores>();
      SCOPED_TRACE(cases_[i].dump().substr(0, 300));
      expect_same(pearson(predicted, truth), expected_[i]["pearson"]);
      expect_same(spearman(predicted, truth), expected_[i]["spearman"]);
    }
  }

 private:
  // Theirs is NaN where one side is constant.
  static void expect_same(double ours, const json& theirs) {
    EXPECT_NEAR(ours, theirs.is_null() ? 0.0 : theirs.get<double>(), kTolerance);
  }
};

TEST_F(ScoreOracle, AgreesOnRandomScores) {
  for (const int size : {2, 3, 4, 10, 100, 1500}) {
    for (int round = 0; round < 25; ++round) {
      Scores predicted, truth;
      const double noise = 0.3 * round, offset = 10.0 * below(1000);
      for (int i = 0; i < size; ++i) {
        truth.push_back(offset + normal());
        predicted.push_back((below(2) == 0 ? 1 : 2) * truth.back() + noise * normal());
      }
      add(predicted, truth);
    }
  }
  ask();
  if (answered()) expect_same();
}

TEST_F(ScoreOracle, AgreesOnTies) {
  for (const int levels : {2, 3, 6, 26}) {
    for (const int size : {2, 3, 5, 20, 300}) {
      for (int round = 0; round < 10; ++round) {
        Scores predicted, truth;
        for (int i = 0; i < size; ++i) {
          truth.push_back(below(levels) / 5.0);
          predicted.push_back(below(levels) - 1.0);
        }
        add(predicted, truth);
      }
    }
  }
  ask();
  if (answered()) expect_same();
}

TEST_F(ScoreOracle, AgreesOnConstantsAndExtremes) {
  for (const double scale : {1e-300, 1e-160, 1e-3, 1e6, 1e160, 1e300}) {
    for (const int size : {2, 5, 50}) {
      Scores constant(static_cast<std::size_t>(size), 0.1 * scale), varied, other;
      for (int i = 0; i < size; ++i) {
        varied.push_back(scale * normal());
        other.push_back(normal());
      }
      add(constant, other);
      add(other, constant);
      add(constant, constant);
      add(varied, other);
      add(other, varied);
      add(varied, varied);
      Scores spiked = other;
      spiked[0] = scale;
      add(spiked, other);
    }
  }
  add({0.0, -0.0, 1.0}, {1.0, 1.0, 2.0});
  ask();
  if (answered()) expect_same();
}

class EntityOracle : public MetricsOracle {
 protected:
  std::vector<std::string> random_sentence(std::size_t size) {
    constexpr std::array kLabels = {"O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "S-LOC", "E-PER"};
    std::vector<std::string> sentence(size);
    for (std::string& label : sentence) label = kLabels[static_cast<std::size_t>(below(8))];
    return sentence;
  }

  // A third of the words labelled anew.
  std::vector<std::string> changed(std::vector<std::string> sentence) {
    for (std::string& label : sentence) {
      if (below(3) == 0) label = random_sentence(1)[0];
    }
    return sentence;
  }
};

TEST_F(EntityOracle, AgreesOnRandomSentences) {
  for (int round = 0; round < 300; ++round) {
    Sentences truth, predicted;
    for (int sentence = 0; sentence < 6; ++sentence) {
      truth.push_back(random_sentence(static_cast<std::size_t>(1 + below(12))));
      predicted.push_back(changed(truth.back()));
    }
    cases_.push_back({{"kind", "entities"}, {"predicted", predicted}, {"truth", truth}});
  }
  ask();
  if (!answered()) return;
  if (expected_[0].empty()) GTEST_SKIP() << "seqeval is not installed";
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    SCOPED_TRACE(cases_[i].dump());
    EXPECT_NEAR(
        entity_f1(cases_[i]["predicted"].get<Sentences>(), cases_[i]["truth"].get<Sentences>()),
        expected_[i]["f1"], kTolerance);
  }
}

}  // namespace
}  // namespace cram::glue
