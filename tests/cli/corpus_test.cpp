// cram corpus, and the orders in which a corpus is shown.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/file.h"

#include "workspace.h"

namespace cram::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CorpusCommand : public testing::Test {
 protected:
  CorpusCommand() {
    const Finished prepared =
        workspace_.run(Workspace::command({"prepare", "--config", "recipe.yaml"}));
    EXPECT_EQ(prepared.exit_code, 0) << prepared.errors;
    for (const auto& item : fs::directory_iterator(workspace_.folder / "data/cache")) {
      if (item.path().filename().string().starts_with("corpus-")) corpus_ = item.path();
    }
  }

  [[nodiscard]] Finished look(const std::string& how,
                              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"corpus", how, corpus_.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return workspace_.run(Workspace::command(arguments));
  }

  Workspace workspace_;
  fs::path corpus_;
};

TEST_F(CorpusCommand, SaysHowMuchThereIsOfWhat) {
  const Finished result = look("stat");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("training"), HasSubstr("held-out"),
                                   HasSubstr("source    text.txt: 400 documents"),
                                   HasSubstr("vocabulary 150 tokens"), HasSubstr("[UNK]")));
}

TEST_F(CorpusCommand, IsTheSameWhicheverPartAProcessBeginsWith) {
  const std::string bytes = read_file(corpus_ / "training-00000.shard");
  fs::remove_all(corpus_);
  const auto prepare = [&](const std::string& part) {
    return workspace_.run(
        Workspace::command({"prepare", "--config", "recipe.yaml", "--part", part}));
  };
  EXPECT_EQ(prepare("3/3").exit_code, 0);
  EXPECT_EQ(read_file(corpus_ / "training-00000.shard"), bytes);
  for (const char* wrong : {"4/3", "0/3", "2", "one/two", "-1/3"}) {
    const Finished refused = prepare(wrong);
    EXPECT_EQ(refused.exit_code, 2) << wrong;
    EXPECT_THAT(refused.errors, HasSubstr("is not one of several, such as 2/8")) << wrong;
  }
}

TEST_F(CorpusCommand, ShowsSequencesAsTextAndAsIds) {
  const Finished text = look("show", {"--from", "3", "--count", "2"});
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output, AllOf(StartsWith("3\t"), HasSubstr("\n4\t"), HasSubstr(" the ")));
  EXPECT_EQ(std::count(text.output.begin(), text.output.end(), '\n'), 2);
  const Finished ids = look("show", {"--ids", "--held-out", "--count", "1"});
  EXPECT_THAT(ids.output, testing::MatchesRegex("0\t[0-9]+( [0-9]+){31}\n"));
  // More than there are: up to the end.
  const Finished all = look("show", {"--held-out", "--count", "1000000000"});
  EXPECT_EQ(all.exit_code, 0);
  const Finished past = look("show", {"--from", "1000000000"});
  EXPECT_EQ(past.exit_code, 2);
  EXPECT_THAT(past.errors, HasSubstr("--from 1000000000: there are"));
}

TEST_F(CorpusCommand, NeedsTheTokenizerForTextAlone) {
  for (const auto& item : fs::directory_iterator(workspace_.folder / "data/cache")) {
    if (item.path().filename().string().starts_with("tokenizer-")) {
      fs::rename(item.path(), workspace_.folder / "elsewhere");
    }
  }
  const Finished lost = look("show");
  EXPECT_EQ(lost.exit_code, 3);
  EXPECT_THAT(lost.errors, HasSubstr("--tokenizer"));
  EXPECT_EQ(look("show", {"--ids"}).exit_code, 0);
  const Finished given = look("show", {"--tokenizer", "elsewhere"});
  EXPECT_EQ(given.exit_code, 0) << given.errors;
  EXPECT_THAT(given.output, HasSubstr(" the "));
  write_file_atomic(workspace_.folder / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
  const Finished other = look("show", {"--tokenizer", "vocab.txt"});
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_THAT(other.errors, HasSubstr("packed with another tokenizer"));
}

TEST_F(CorpusCommand, FindsADamagedSequence) {
  EXPECT_EQ(look("verify").exit_code, 0);
  const fs::path shard = corpus_ / "training-00000.shard";
  std::string content = read_file(shard);
  content[200] = static_cast<char>(content[200] ^ 1);
  write_file_atomic(shard, content);
  const Finished damaged = look("verify");
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_THAT(damaged.errors, HasSubstr("training-00000.shard"));
}

TEST_F(CorpusCommand, RefusesWhatIsNoCorpus) {
  corpus_ = workspace_.folder.path();
  for (const char* how : {"stat", "show", "verify"}) {
    const Finished result = look(how);
    EXPECT_EQ(result.exit_code, 3) << how;
    EXPECT_THAT(result.errors, HasSubstr("corpus.json")) << how;
  }
}

TEST_F(CorpusCommand, ComesWithItsDocumentsWhereAsked) {
  const auto prepare = [&](const char* format) {
    return workspace_.run(
        Workspace::command({"prepare", "--config", "recipe.yaml", "--export", format}));
  };
  EXPECT_EQ(prepare("csv").exit_code, 2);
  const Finished exported = prepare("parquet");
  if (exported.exit_code == 2) GTEST_SKIP() << exported.errors;  // built without Parquet
  EXPECT_EQ(exported.exit_code, 0) << exported.errors;
  EXPECT_THAT(exported.output, HasSubstr("(400 documents in 1 files)"));
}

TEST(Orders, TrainTheModelDifferently) {
  const Workspace workspace;
  std::set<std::string> models;
  for (const char* order : {"shuffled", "as-read", "likely-first", "short-tokens-first"}) {
    const Finished run = workspace.run(Workspace::pretrain(
        {std::string("data.order=") + order, std::string("name=") + order, "budget.steps=3"}));
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    models.insert(workspace.file(std::string("runs/") + order + "/model/model.safetensors"));
  }
  EXPECT_EQ(models.size(), 4U);
}

}  // namespace
}  // namespace cram::test
