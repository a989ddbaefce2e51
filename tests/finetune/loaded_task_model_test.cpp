#include "cram/finetune/loaded_task_model.h"

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/checkpoint/restore.h"
#include "cram/finetune/pretrained.h"

#include "small_task.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LoadedTaskModelTest : public testing::Test {
 protected:
  LoadedTaskModelTest() {
    at::set_num_threads(1);
    const recipe::Recipe recipe = test::pretraining_recipe();
    const auto tokenizer = test::make_tokenizer(folder_);
    const checkpoint::TaskDescription task{.task = "rte",
                                           .problem = "classification",
                                           .pairs = true,
                                           .labels = {"yes", "no"},
                                           .head = {.size = 2},
                                           .max_length = 16};
    const model::TaskModel model(recipe.model, {16, tokenizer->vocab_size()}, task.head, {}, 3);
    checkpoint::write_task_folder(path_,
                                  {recipe, checkpoint::masters(model.weights()), tokenizer, task});
  }

  // Puts another tokenizer into the folder of a model.
  void enlarge_tokenizer(const fs::path& folder) const {
    write_file_atomic(folder_ / "vocab.txt", read_file(folder_ / "vocab.txt") + "more\n");
    tokenizer::load_tokenizer(folder_ / "vocab.txt", {})->save(folder);
  }

  [[nodiscard]] static LoadedTaskModel load(const fs::path& folder) {
    return load_task_model(folder, {.type = "cpu", .threads = 1},
                           {.compute = recipe::PrecisionType::kFp32});
  }

  static void expect_refused(const std::function<void()>& act, const char* because,
                             ErrorCode code = ErrorCode::kData) {
    try {
      act();
      ADD_FAILURE() << "not refused: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(because));
    }
  }

  cram::test::TempFolder folder_;
  fs::path path_ = folder_ / "model";
};

TEST_F(LoadedTaskModelTest, KnowsWhatItsDataAreLike) {
  const glue::DataSet data = load(path_).data();
  EXPECT_EQ(data.name, "rte");
  EXPECT_TRUE(data.pairs);
  EXPECT_EQ(data.labels, (std::vector<std::string>{"yes", "no"}));
}

TEST_F(LoadedTaskModelTest, IsRefusedWithALargerTokenizer) {
  enlarge_tokenizer(path_);
  expect_refused([&] { (void)load(path_); }, "the tokenizer has 29 tokens, but the model only 28");
}

TEST_F(LoadedTaskModelTest, IsNotMadeOfAModelWithALargerTokenizer) {
  const fs::path pretrained = test::write_model(folder_);
  enlarge_tokenizer(pretrained);
  for (const Start start : {Start::kPretrained, Start::kUntrained}) {
    expect_refused([&] { (void)load_pretrained(pretrained, start); },
                   "'vocab_size' is 28, but the tokenizer beside it has 29 tokens");
  }
}

TEST_F(LoadedTaskModelTest, IsFoundByTheNameOfItsTask) {
  EXPECT_EQ(find_task_model(path_, ""), path_);
  EXPECT_EQ(find_task_model(path_, "rte"), path_);
  expect_refused([&] { (void)find_task_model(path_, "cola"); }, "the model of rte, not of cola",
                 ErrorCode::kUsage);
}

}  // namespace
}  // namespace cram::finetune
