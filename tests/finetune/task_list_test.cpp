#include "../../src/finetune/task_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/recipe/load.h"

#include "support/temp_folder.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TaskListTest : public testing::Test {
 protected:
  TaskListTest() {
    const std::string rows = "index\tsentence1\tsentence2\tlabel\n0\tA cat.\tA dog.\tentailment\n";
    for (const char* task : {"RTE", "QNLI"}) {
      make_folders(folder_ / task);
      const bool rte = std::string(task) == "RTE";
      std::string text = rows;
      if (!rte) text.replace(6, 19, "question\tsentence");
      for (const char* file : {"train.tsv", "dev.tsv", "test.tsv"}) {
        write_file_atomic(folder_ / task / file, text);
      }
    }
    request_.data = folder_.path();
    set("");
  }

  // A user's own data, with keys of the recipe that a file sets.
  void take(const std::string& name, const std::string& content) {
    write_file_atomic(folder_ / name, content);
    request_.files = glue::LabelledFiles{.train = folder_ / name};
  }
  void set(const std::string& yaml) {
    request_.recipe = recipe::parse(yaml, "t.yaml", {}, recipe::Purpose::kFineTuning);
  }

  [[nodiscard]] std::string misuse() const {
    try {
      (void)TaskList(request_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "none";
  }

  cram::test::TempFolder folder_;
  Request request_;
};

TEST_F(TaskListTest, ChecksAllNamesBeforeItTakesAllTasks) {
  request_.tasks = {"all", "typo"};
  try {
    (void)TaskList(request_);
    ADD_FAILURE() << "took a name that is no task";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("no task 'typo'"));
  }
}

TEST_F(TaskListTest, LooksAtTheDataOfAllTasksFirst) {
  for (const std::vector<std::string>& tasks :
       {std::vector<std::string>{"cola"}, {"rte", "cola"}}) {
    request_.tasks = tasks;
    EXPECT_THROW((void)TaskList(request_), Error);
  }
  request_.tasks.clear();
  request_.files = glue::LabelledFiles{.train = folder_ / "nothing.tsv"};
  EXPECT_THROW((void)TaskList(request_), Error);
}

TEST_F(TaskListTest, ReadsTheDataOfALoneTaskOnce) {
  request_.tasks = {"rte"};
  TaskList list(request_);
  fs::remove_all(folder_ / "RTE");
  const auto rte = list.next();
  ASSERT_TRUE(rte);
  EXPECT_EQ(rte->task, glue::find_task("rte"));
  EXPECT_EQ(rte->data.train.examples.size(), 1u);
  EXPECT_FALSE(list.next());
}

TEST_F(TaskListTest, ReadsAUsersDataOnce) {
  write_file_atomic(folder_ / "kinds.tsv", "text\tlabel\na\tx\nb\ty\nc\tx\nd\ty\n");
  request_.files = glue::LabelledFiles{.train = folder_ / "kinds.tsv"};
  TaskList list(request_);
  fs::remove(folder_ / "kinds.tsv");
  const auto own = list.next();
  ASSERT_TRUE(own);
  EXPECT_EQ(own->task, nullptr);
  EXPECT_EQ(own->data.name, "kinds");
  EXPECT_FALSE(list.next());
}

TEST_F(TaskListTest, GivesSeveralTasksInTheirOrderAndEachOnce) {
  request_.tasks = {"qnli", "rte", "QNLI"};
  TaskList list(request_);
  for (const char* name : {"qnli", "rte"}) {
    const auto next = list.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->task, glue::find_task(name));
    EXPECT_EQ(next->data.train.examples.size(), 1u);
  }
  EXPECT_FALSE(list.next());
}

TEST_F(TaskListTest, RefusesKeysThatLabelsOfWordsDoNotUse) {
  take("words.conll", "a X\n\nb O\n\n");
  for (const char* key : {"pooling: mean", "head_size: 0"}) {
    set("finetune: {" + std::string(key) + "}\n");
    const std::string path = "finetune." + std::string(key).substr(0, std::string(key).find(':'));
    EXPECT_THAT(misuse(), HasSubstr("'" + path + "' has no effect here: it needs "));
  }
  set("finetune: {pooling: first-token, head_size: 1024, second_separator: true}\n");
  EXPECT_EQ(misuse(), "none") << "of a file that says the defaults, as glue-sane does";
  request_.arguments = {"seed", "finetune.head_size"};
  EXPECT_THAT(misuse(), HasSubstr("'finetune.head_size'"));
}

TEST_F(TaskListTest, RefusesASecondSeparatorWhereAllTextsArePairs) {
  set("finetune: {pooling: mean, head_size: 0, second_separator: true}\n");
  take("pairs.tsv", "text\ttext_pair\tlabel\na\tb\tx\nc\td\ty\n");
  EXPECT_THAT(misuse(), HasSubstr("'finetune.second_separator' has no effect here"));
  take("single.tsv", "text\tlabel\na\tx\nc\ty\n");
  EXPECT_EQ(misuse(), "none");
}

TEST_F(TaskListTest, TakesARecipeForGlueAsOneForAllOfItsTasks) {
  set("finetune: {second_separator: true}\n");
  request_.tasks = {"rte"};
  EXPECT_EQ(misuse(), "none");
  request_.arguments = {"finetune.second_separator"};
  EXPECT_THAT(misuse(), HasSubstr("'finetune.second_separator' has no effect here"));
  make_folders(folder_ / "CoLA");
  for (const char* file : {"train.tsv", "dev.tsv"}) {
    write_file_atomic(folder_ / "CoLA" / file, "made\t1\t\tCats see.\n");
  }
  request_.tasks = {"rte", "cola"};
  EXPECT_EQ(misuse(), "none");
}

}  // namespace
}  // namespace cram::finetune
