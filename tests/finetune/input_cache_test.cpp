#include "../../src/finetune/input_cache.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "support/temp_folder.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;

std::vector<Input> some_inputs() {
  Input sentence{.ids = {2, 9, 7, 3}, .second = 4, .example = 0, .target = 1};
  sentence.words = {-1, 0, 1, -1};
  sentence.labels = {kNoLabel, 2, 0, kNoLabel};
  Input question{.ids = {2, 8, 3, 5, 3}, .second = 3, .example = 1, .target = 0};
  question.places = {{0, 4}};
  question.answer_begin = question.answer_end = 3;
  return {sentence, question};
}

class InputCacheTest : public testing::Test {
 protected:
  // Whether the inputs came back right is checked here; what was said is returned.
  std::string ask(const fs::path& folder) {
    testing::internal::CaptureStderr();
    const std::vector<Input> inputs = cached_inputs(folder, "key", [&] {
      ++made_;
      return some_inputs();
    });
    EXPECT_EQ(inputs, some_inputs());
    return testing::internal::GetCapturedStderr();
  }
  [[nodiscard]] static std::vector<std::string> entries(const fs::path& folder) {
    std::vector<std::string> names;
    for (const fs::path& entry : fs::directory_iterator(folder)) {
      names.push_back(entry.filename().string());
    }
    return names;
  }

  const std::string file_ = "inputs-key.safetensors";
  cram::test::TempFolder folder_;
  int made_ = 0;
};

TEST_F(InputCacheTest, MakesInputsOnce) {
  EXPECT_EQ(ask(folder_ / "cache"), "");
  EXPECT_EQ(ask(folder_ / "cache"), "");
  EXPECT_EQ(made_, 1);
  EXPECT_THAT(entries(folder_ / "cache"), testing::ElementsAre(file_));
}

TEST_F(InputCacheTest, MakesADamagedFileAnew) {
  (void)ask(folder_ / "cache");
  std::string bytes = read_file(folder_ / "cache" / file_, 1 << 20);
  bytes.back() ^= 1;
  write_file_atomic(folder_ / "cache" / file_, bytes);
  EXPECT_THAT(ask(folder_ / "cache"), testing::HasSubstr("made anew"));
  EXPECT_EQ(ask(folder_ / "cache"), "");
  EXPECT_EQ(made_, 2);
}

TEST_F(InputCacheTest, GoesOnWithoutAFolder) {
  write_file_atomic(folder_ / "taken", "");
  EXPECT_THAT(ask(folder_ / "taken"), testing::HasSubstr("are not cached"));
  EXPECT_THAT(ask(folder_ / "taken" / "cache"), testing::HasSubstr("are not cached"));
  EXPECT_EQ(made_, 2);
}

TEST_F(InputCacheTest, GoesOnWhereTheFileCannotBeReplacedAndLeavesNothingBehind) {
  fs::create_directories(folder_ / "cache" / file_ / "something");
  EXPECT_THAT(ask(folder_ / "cache"), testing::HasSubstr("are not cached"));
  EXPECT_THAT(entries(folder_ / "cache"), testing::ElementsAre(file_));
}

// Another process may be writing the same split under the name that it chose.
TEST_F(InputCacheTest, KeepsOffThePartialFilesOfOthers) {
  fs::create_directories(folder_ / "cache");
  const std::string others = file_ + ".partial";
  write_file_atomic(folder_ / "cache" / others, "theirs");
  EXPECT_EQ(ask(folder_ / "cache"), "");
  EXPECT_EQ(read_file(folder_ / "cache" / others, 100), "theirs");
}

TEST_F(InputCacheTest, PassesOnWhatKeepsInputsFromBeingMade) {
  const auto fail = []() -> std::vector<Input> { throw Error(ErrorCode::kData, "no text"); };
  EXPECT_THROW((void)cached_inputs(folder_ / "cache", "key", fail), Error);
}

}  // namespace
}  // namespace cram::finetune
