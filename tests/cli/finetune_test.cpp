// `cram finetune`, `cram predict` and `glue-finetune` as their users meet them.
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "small_glue.h"
#include "workspace.h"

namespace cram::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A pretrained model, and sentences that are true of cats alone.
class FinetuneTest : public testing::Test {
 protected:
  FinetuneTest() {
    const Finished pretrained = workspace_.run(Workspace::pretrain({"budget.steps=5"}));
    if (pretrained.exit_code != 0) throw std::runtime_error(pretrained.errors);
    write_file_atomic(workspace_.folder / "cats.tsv", table(0, 200));
    write_file_atomic(workspace_.folder / "dev.tsv", table(1000, 40));
  }

  static std::string table(int first, int rows) {
    std::string text = "sentence\tlabel\n";
    for (int i = first; i < first + rows; ++i) {
      static constexpr std::array kOthers = {"dog", "farmer", "river", "teacher", "stone"};
      const bool cat = i % 2 == 0;
      const std::string noun = cat ? "cat" : kOthers[static_cast<std::size_t>(i / 2) % 5];
      text +=
          "The old " + noun + " sees " + std::to_string(i) + ".\t" + (cat ? "yes" : "no") + "\n";
    }
    return text;
  }

  static std::vector<std::string> arguments(const std::vector<std::string>& more = {}) {
    std::vector<std::string> list = {"--checkpoint",
                                     "runs/tiny",
                                     "--train",
                                     "cats.tsv",
                                     "--dev",
                                     "dev.tsv",
                                     "device.type=cpu",
                                     "device.threads=1",
                                     "precision.compute=fp32",
                                     "finetune.epochs=4",
                                     "logging.every=1ms",
                                     "optimizer.learning_rate=2e-3"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }

  static std::vector<std::string> finetune(const std::vector<std::string>& more = {}) {
    std::vector<std::string> list = arguments(more);
    list.insert(list.begin(), "finetune");
    return Workspace::command(list);
  }

  // `cram finetune` for one short epoch with one seed, into the folder "run".
  [[nodiscard]] Finished finetune_once(const std::vector<std::string>& what) const {
    std::vector<std::string> list = {"finetune",
                                     "--checkpoint",
                                     "runs/tiny",
                                     "--output",
                                     "run",
                                     "device.type=cpu",
                                     "device.threads=1",
                                     "precision.compute=fp32",
                                     "finetune.epochs=1",
                                     "finetune.seeds=1"};
    list.insert(list.end(), what.begin(), what.end());
    return workspace_.run(Workspace::command(list));
  }

  // `cram predict` with what came of it.
  [[nodiscard]] Finished predict(const std::vector<std::string>& what) const {
    std::vector<std::string> list = {"predict", "--checkpoint", "run"};
    list.insert(list.end(), what.begin(), what.end());
    return workspace_.run(Workspace::command(list));
  }

  [[nodiscard]] nlohmann::json predict_one(const std::vector<std::string>& what) const {
    const Finished result = predict(what);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return nlohmann::json::parse(result.output);
  }

  void expect_no_prediction(const std::vector<std::string>& what, int code,
                            const char* because) const {
    const Finished result = predict(what);
    EXPECT_EQ(result.exit_code, code) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(because));
    EXPECT_EQ(result.output, "");
  }

  Workspace workspace_;
};

// The names of the tasks in a run's results.
std::vector<std::string> tasks_in(const std::string& results) {
  const auto json = nlohmann::json::parse(results);
  std::vector<std::string> names;
  for (const auto& task : json.at("tasks")) {
    names.push_back(task.at("task"));
  }
  return names;
}

TEST_F(FinetuneTest, GoesFromOwnDataToATableAndPredictions) {
  const Finished result = workspace_.run(finetune({"finetune.seeds=2", "finetune.epochs=12"}));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("cats"), HasSubstr("accuracy"),
                                   HasSubstr("runs/tiny-glue-sane/report.html")));
  const auto results = nlohmann::json::parse(workspace_.file("runs/tiny-glue-sane/results.json"));
  EXPECT_EQ(results.at("tasks").at(0).at("seeds").size(), 2U);

  const Finished one = workspace_.run(
      Workspace::command({"predict", "--checkpoint", "runs/tiny-glue-sane", "--text",
                          "The old cat sees 7.", "--text", "The old stone sees 8."}));
  ASSERT_EQ(one.exit_code, 0) << one.errors;
  std::istringstream lines(one.output);
  for (const char* expected : {"yes", "no"}) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(nlohmann::json::parse(line).at("label"), expected) << line;
  }

  write_file_atomic(workspace_.folder / "new.tsv", "sentence\nThe old cat sees 9.\n");
  const Finished many = workspace_.run(
      Workspace::command({"predict", "--checkpoint", "runs/tiny-glue-sane/cats/model", "--input",
                          "new.tsv", "--output", "out.jsonl"}));
  ASSERT_EQ(many.exit_code, 0) << many.errors;
  EXPECT_THAT(workspace_.file("out.jsonl"), HasSubstr(R"("label":"yes")"));
}

TEST_F(FinetuneTest, WritesPredictionsIntoADeviceAsItIs) {
  ASSERT_EQ(workspace_.run(finetune({"finetune.seeds=1", "finetune.epochs=1"})).exit_code, 0);
  ASSERT_EQ(::mkfifo((workspace_.folder / "pipe").c_str(), 0600), 0);
  const std::string predict = std::string(CRAM_BINARY) +
                              " predict --checkpoint runs/tiny-glue-sane --text cat --output pipe";
  const Finished result = workspace_.run({"/bin/sh", "-c", predict + " & cat pipe; wait"});
  EXPECT_THAT(result.output, HasSubstr("probabilities")) << result.errors;
  EXPECT_TRUE(std::filesystem::is_fifo(workspace_.folder / "pipe"));
}

TEST_F(FinetuneTest, IsAProgramOfItsOwnToo) {
  std::vector<std::string> command = arguments({"finetune.seeds=1", "finetune.epochs=1", "--json"});
  command.insert(command.begin(), GLUE_FINETUNE_BINARY);
  const Finished result = workspace_.run(command);
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(nlohmann::json::parse(result.output).at("tasks").size(), 1U);
}

TEST_F(FinetuneTest, GoesOnAfterASignalToTheSameScores) {
  const Finished whole = workspace_.run(finetune({"--output", "whole", "finetune.seeds=1"}));
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  {
    Process process(finetune({"--output", "parts", "finetune.seeds=1"}),
                    {.folder = workspace_.folder.path(), .file_size_limit = {}});
    ASSERT_TRUE(process.wait_for_error_text("epoch 1", 60));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait().exit_code, 143);
  }
  const Finished resumed = workspace_.run(finetune({"--output", "parts", "finetune.seeds=1"}));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_THAT(resumed.errors, HasSubstr("resumed"));
  const auto scores = [&](const std::string& folder) {
    return nlohmann::json::parse(workspace_.file(folder + "/results.json"))
        .at("tasks")
        .at(0)
        .at("seeds")
        .at(0)
        .at("splits");
  };
  EXPECT_EQ(scores("parts"), scores("whole"));
}

TEST_F(FinetuneTest, LosesNothingOfFinishedSeedsWhenItIsKilled) {
  {
    Process process(finetune({"finetune.seeds=3"}),
                    {.folder = workspace_.folder.path(), .file_size_limit = {}});
    ASSERT_TRUE(process.wait_for_error_text("seed 1, epoch 1", 60));
    process.signal(SIGKILL);
  }
  ASSERT_TRUE(workspace_.has("runs/tiny-glue-sane/cats/seed-0/result.json"));
  const std::string before = workspace_.file("runs/tiny-glue-sane/cats/seed-0/result.json");
  const Finished resumed = workspace_.run(finetune({"finetune.seeds=3"}));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_EQ(workspace_.file("runs/tiny-glue-sane/cats/seed-0/result.json"), before);
}

TEST_F(FinetuneTest, DoesTasksOfGlueAndThenOthersBesideThem) {
  write_glue(workspace_.folder / "glue");
  const Finished first = finetune_once({"--task", "rte", "--data", "glue"});
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_THAT(first.errors, HasSubstr("RTE")) << "warns of the number of rows";
  EXPECT_EQ(tasks_in(workspace_.file("run/results.json")), (std::vector<std::string>{"rte"}));
  const std::string before = workspace_.file("run/rte/seed-0/result.json");

  const Finished both = finetune_once({"--task", "rte,cola", "--data", "glue"});
  ASSERT_EQ(both.exit_code, 0) << both.errors;
  EXPECT_EQ(tasks_in(workspace_.file("run/results.json")),
            (std::vector<std::string>{"rte", "cola"}));
  EXPECT_EQ(workspace_.file("run/rte/seed-0/result.json"), before);
  EXPECT_THAT(workspace_.file("run/submission.zip"),
              AllOf(HasSubstr("RTE.tsv"), HasSubstr("CoLA.tsv")));
}

TEST_F(FinetuneTest, PredictsWhatTheModelOfATaskReads) {
  write_glue(workspace_.folder / "glue");
  const Finished made = finetune_once({"--task", "rte,cola", "--data", "glue"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  expect_no_prediction({"--text", "A cat."}, 2, "choose with --task: cola, rte");
  expect_no_prediction({"--task", "sst3", "--text", "A cat."}, 2, "choose with --task: cola, rte");
  EXPECT_THAT(predict_one({"--task", "rte", "--text", "A cat.", "--second", "It is."}).at("label"),
              testing::AnyOf("entailment", "not_entailment"));
  expect_no_prediction({"--task", "rte", "--text", "A cat."}, 2, "--second");
  expect_no_prediction({"--task", "cola", "--text", "A cat.", "--second", "It is."}, 2,
                       "leave out --second");
}

TEST_F(FinetuneTest, PredictsFilesOfPairsOrOfSingleTextsAsTheModelReadsThem) {
  write_glue(workspace_.folder / "glue");
  const Finished made = finetune_once({"--task", "rte,cola", "--data", "glue"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  expect_no_prediction({"--task", "rte", "--input", "cats.tsv"}, 3, "single texts");
  expect_no_prediction({"--task", "cola", "--input", "glue/RTE/test.tsv"}, 3, "pairs of texts");
  EXPECT_EQ(
      predict({"--task", "cola", "--input", "glue/RTE/test.tsv", "--first-column", "sentence2"})
          .exit_code,
      0);
}

TEST_F(FinetuneTest, LabelsWords) {
  write_file_atomic(workspace_.folder / "names.conll", repeat(20, [](int i) {
                      return "The O\ncat " + std::string(i % 2 == 0 ? "B-PET" : "O") + "\n\n";
                    }));
  const Finished result = finetune_once({"--train", "names.conll"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto line = predict_one({"--text", "The  old cat\tsees."});
  EXPECT_EQ(line.at("words"), nlohmann::json({"The", "old", "cat", "sees."}));
  EXPECT_EQ(line.at("labels").size(), 4U);
  EXPECT_EQ(predict({"--input", "names.conll"}).exit_code, 0);
  expect_no_prediction({"--text", "The cat", "--second", "sees"}, 2, "leave out --second");
  expect_no_prediction({"--text", " "}, 2, "no words");
  expect_no_prediction({"--input", "names.conll", "--first-column", "x"}, 2, "columns");
}

TEST_F(FinetuneTest, AnswersQuestions) {
  const std::string paragraphs = repeat(12, [](int i) {
    const std::string number = std::to_string(i);
    return std::string(i == 0 ? "" : ",") + R"({"context": "The cat sees )" + number +
           R"( dogs.", "qas": [{"id": ")" + number +
           R"(", "question": "How many?", "answers": [{"text": ")" + number +
           R"(", "answer_start": 13}]}]})";
  });
  write_file_atomic(workspace_.folder / "cats.json",
                    R"({"version": "1.1", "data": [{"paragraphs": [)" + paragraphs + "]}]}");
  const Finished result = finetune_once({"--train", "cats.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto line =
      predict_one({"--text", "How many dogs?", "--second", "The old cat sees 7 dogs."});
  EXPECT_TRUE(line.at("answer").is_string());
  EXPECT_EQ(predict({"--input", "cats.json"}).exit_code, 0);
  expect_no_prediction({"--text", "How many dogs?"}, 2, "give the context with --second");
}

TEST_F(FinetuneTest, GivesScores) {
  write_file_atomic(workspace_.folder / "stars.csv", "text,score\n" + repeat(20, [](int i) {
                                                       return "A cat of " + std::to_string(i) +
                                                              "," + std::to_string(i) + ".5\n";
                                                     }));
  const Finished result = finetune_once({"--train", "stars.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("pearson"));
  EXPECT_TRUE(predict_one({"--text", "A cat of 7"}).at("score").is_number());
  EXPECT_EQ(predict({"--input", "stars.csv"}).exit_code, 0);
  expect_no_prediction({"--text", "A cat", "--second", "of 7"}, 2, "leave out --second");

  const std::string page = workspace_.file("run/report.html");
  const Finished report = workspace_.run(Workspace::command({"report", "run"}));
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_THAT(report.errors, HasSubstr("run of `cram finetune`"));
  EXPECT_EQ(workspace_.file("run/report.html"), page);
}

TEST_F(FinetuneTest, RefusesOptionsThatWouldDoNothing) {
  const auto expect = [&](std::vector<std::string> command, const char* text) {
    command.insert(command.begin() + 1, {"--checkpoint", "runs/tiny"});
    const Finished result = workspace_.run(Workspace::command(command));
    EXPECT_EQ(result.exit_code, 2) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(text));
  };
  expect({"predict", "--input", "cats.tsv", "--second", "x"}, "--text");
  expect({"predict", "--text", "x", "--first-column", "sentence"}, "--input");
  expect({"predict", "--text", "x", "--second-column", "sentence"}, "--input");
  expect({"finetune", "--train", "cats.tsv", "--data", "glue"}, "--task");
  write_file_atomic(workspace_.folder / "names.conll", "The O\ncat B-PET\n\nA O\n");
  expect({"finetune", "--train", "names.conll", "finetune.pooling=first-token"},
         "'finetune.pooling' has no effect here");
  expect({"finetune", "--train", "cats.tsv", "--labels", "pos"}, "only one label is named");
  expect({"finetune", "--train", "cats.tsv", "--label-column", "sentence"}, "\"sentence\"");
  expect({"finetune", "--task", "all,typo"}, "no task 'typo'");
}

TEST_F(FinetuneTest, SaysWhatIsWrong) {
  const auto expect = [&](const std::vector<std::string>& command, int code, const char* text) {
    const Finished result = workspace_.run(Workspace::command(command));
    EXPECT_EQ(result.exit_code, code) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(text));
  };
  expect({"finetune", "--checkpoint", "runs/tiny"}, 2, "--task");
  expect({"finetune", "--checkpoint", "runs/tiny", "--task", "rte", "--train", "x.tsv"}, 2,
         "--task");
  expect({"finetune", "--checkpoint", "runs/tiny", "--task", "sst3"}, 2, "no task 'sst3'");
  expect({"finetune", "--checkpoint", "runs/tiny", "--task", "rte"}, 3, "data/glue");
  expect({"finetune", "--checkpoint", "nowhere", "--train", "cats.tsv"}, 3, "nowhere");
  expect({"finetune", "--checkpoint", "runs/tiny", "--task", "rte", "model.layers=3"}, 2,
         "pretraining");
  expect({"finetune", "--checkpoint", "runs/tiny", "--train", "cats.tsv", "--problem", "span"}, 3,
         "cats.tsv");
  expect({"predict", "--checkpoint", "runs/tiny", "--text", "x"}, 3, "fine-tuned");
  expect({"predict", "--checkpoint", "runs/tiny"}, 2, "--text");
  expect({"pretrain", "--config", "recipe.yaml", "finetune.epochs=3"}, 2, "cram finetune");
}

}  // namespace
}  // namespace cram::test
