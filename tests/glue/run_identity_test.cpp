#include "cram/glue/run_identity.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "support/temp_folder.h"

namespace cram::glue {
namespace {

using testing::HasSubstr;

class RunIdentityTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "run.json"; }

  test::TempFolder folder_;
};

TEST_F(RunIdentityTest, ReadsBackWhatWasWritten) {
  const RunIdentity identity{.checkpoint = "runs/x",
                             .fingerprint = "12ab",
                             .files = "34cd",
                             .recipe = "seed: 3\n",
                             .environment = R"({"threads":2})",
                             .tasks = {{"rte", {"56ef", "RTE", {"yes", "no"}, "key"}}}};
  write_identity(file(), identity);
  const RunIdentity back = read_identity(file());
  EXPECT_EQ(back.checkpoint, "runs/x");
  EXPECT_EQ(back.fingerprint, "12ab");
  EXPECT_EQ(back.files, "34cd");
  EXPECT_EQ(back.recipe, "seed: 3\n");
  EXPECT_EQ(back.environment, R"({"threads":2})");
  EXPECT_EQ(back.tasks.at("rte").labels.size(), 2U);
  EXPECT_EQ(back.tasks.at("rte").predictions, "key");
}

TEST_F(RunIdentityTest, IsEmptyWhereNothingRan) { EXPECT_EQ(read_identity(file()).recipe, ""); }

TEST_F(RunIdentityTest, OfARunBeforeFilesWereHashedIsOfNoneThatIsKnown) {
  std::ofstream(file()) << R"({"checkpoint": "x", "fingerprint": "y", "recipe": "",)"
                        << R"("environment": {}, "tasks": {}})";
  EXPECT_EQ(read_identity(file()).files, "");
}

TEST_F(RunIdentityTest, RefusesDamage) {
  for (const char* damaged : {"", "[]", "{}", R"({"checkpoint": 1})"}) {
    std::ofstream(file()) << damaged;
    try {
      (void)read_identity(file());
      ADD_FAILURE() << damaged;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), HasSubstr("run.json: damaged"));
    }
  }
}

class HashOfModel : public testing::Test {
 protected:
  HashOfModel() {
    std::ofstream(folder_ / "model.safetensors") << "weights";
    std::ofstream(folder_ / "vocab.txt") << "words";
    std::ofstream(folder_ / "README.md") << "for people";
  }

  [[nodiscard]] std::string hash() const { return hash_of_model(folder_.path()); }

  test::TempFolder folder_;
};

TEST_F(HashOfModel, IsOfWhatIsInTheFiles) {
  const std::string before = hash();
  std::ofstream(folder_ / "model.safetensors") << "weighty";
  const std::string other_weights = hash();
  EXPECT_NE(other_weights, before);
  std::ofstream(folder_ / "vocab.txt") << "sword";
  EXPECT_NE(hash(), other_weights);
}

TEST_F(HashOfModel, DoesNotMindWhatIsForPeople) {
  const std::string before = hash();
  std::ofstream(folder_ / "README.md") << "for other people";
  EXPECT_EQ(hash(), before);
}

TEST_F(HashOfModel, IsTheSameElsewhere) {
  const test::TempFolder elsewhere;
  std::filesystem::copy(folder_.path(), elsewhere / "model");
  EXPECT_EQ(hash_of_model(elsewhere / "model"), hash());
}

TEST_F(HashOfModel, TellsWhereAFileEnds) {
  std::ofstream(folder_ / "model.safetensors") << "";
  std::ofstream(folder_ / "vocab.txt") << "words";
  const std::string before = hash();
  std::ofstream(folder_ / "model.safetensors") << "vocab.txt5words";
  std::filesystem::remove(folder_ / "vocab.txt");
  EXPECT_NE(hash(), before);
}

TEST_F(HashOfModel, NeedsAFolder) { EXPECT_THROW((void)hash_of_model(folder_ / "nowhere"), Error); }

}  // namespace
}  // namespace cram::glue
