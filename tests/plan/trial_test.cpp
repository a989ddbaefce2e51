#include "cram/plan/trial.h"

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/interrupt.h"

#include "plan/studied_runs.h"

namespace cram::plan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A stand-in for cram that notes its arguments.
class TrialTest : public StudiedTest {
 protected:
  TrialResult try_out(const std::string& script) {
    const auto program = folder_ / "program";
    std::ofstream(program) << "#!/bin/sh\necho \"$@\" > " << (folder_ / "arguments").string()
                           << "\n"
                           << script;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return try_out_with(program, "r.yaml")({{"batch.size=8"}, base({"name=big"}), nullptr});
  }

  std::string problem_of(const std::string& script, ErrorCode code) {
    try {
      (void)try_out(script);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "no problem";
  }
};

TEST_F(TrialTest, IsADryRunOfItsOwnName) {
  const TrialResult result = try_out(
      R"(echo '{"tokens_per_second":12.5,"memory_bytes":99,"vocab_size":7,"training_tokens":3}')");
  const Trial& trial = std::get<Trial>(result);
  EXPECT_EQ(trial.tokens_per_second, 12.5);
  EXPECT_EQ(trial.memory_bytes, 99);
  EXPECT_EQ(trial.vocabulary, 7);
  EXPECT_EQ(trial.training_tokens, 3);
  EXPECT_EQ(read_file(folder_ / "arguments"),
            "pretrain --dry-run --json --quiet --config r.yaml batch.size=8 name=big-dry-run\n");
}

TEST_F(TrialTest, SaysWhyARunDoesNotFit) {
  EXPECT_EQ(std::get<Obstacle>(try_out("kill -9 $$")).reason, "out of memory");
  EXPECT_EQ(std::get<Obstacle>(
                try_out("echo 'a line' >&2; echo 'error: no room' >&2; echo 'hint: x' >&2; exit 4"))
                .reason,
            "no room");
  EXPECT_EQ(std::get<Obstacle>(try_out("echo 'error: not finite' >&2; exit 5")).reason,
            "not finite");
  EXPECT_EQ(std::get<Obstacle>(try_out("echo 'error: disk full' >&2; exit 6")).reason, "disk full");
}

TEST_F(TrialTest, ThrowsWhatIsWrongWithEveryRun) {
  EXPECT_THAT(problem_of("echo 'error: no text' >&2; exit 3", ErrorCode::kData),
              HasSubstr("a dry run failed: no text"));
  (void)problem_of("exit 99", ErrorCode::kInternal);
  EXPECT_THAT(problem_of("echo nothing", ErrorCode::kInternal), HasSubstr("no result"));
}

TEST_F(TrialTest, StopsWhenAsked) {
  interrupt::request_stop(SIGTERM);
  EXPECT_THROW((void)try_out("sleep 60"), Interrupted);
  interrupt::clear();
}

}  // namespace
}  // namespace cram::plan
