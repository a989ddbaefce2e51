#include "cram/glue/submission.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "support/process.h"
#include "support/temp_folder.h"

namespace cram::glue {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using testing::HasSubstr;

Task task_named(const std::string& name, std::vector<std::string> labels = {"0", "1"}) {
  Task task;
  task.name = name;
  task.title = name;
  task.labels = std::move(labels);
  return task;
}

Split split_of(const std::vector<std::string>& ids) {
  Split split{"test", {}};
  for (const std::string& id : ids) split.examples.emplace_back().id = id;
  return split;
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "did not throw";
  return ErrorCode::kUsage;
}

TEST(SubmissionFile, HasTheServersName) {
  EXPECT_EQ(submission_file(task_named("cola"), "test"), "CoLA.tsv");
  EXPECT_EQ(submission_file(task_named("sst2"), "test"), "SST-2.tsv");
  EXPECT_EQ(submission_file(task_named("mrpc"), "test"), "MRPC.tsv");
  EXPECT_EQ(submission_file(task_named("stsb"), "test"), "STS-B.tsv");
  EXPECT_EQ(submission_file(task_named("mnli"), "test"), "MNLI-m.tsv");
  EXPECT_EQ(submission_file(task_named("mnli"), "test-mismatched"), "MNLI-mm.tsv");
  EXPECT_EQ(submission_file(task_named("qnli"), "test"), "QNLI.tsv");
  EXPECT_EQ(submission_file(task_named("qqp"), "test"), "QQP.tsv");
  EXPECT_EQ(submission_file(task_named("rte"), "test"), "RTE.tsv");
  EXPECT_EQ(submission_file(task_named("wnli"), "test"), "WNLI.tsv");
  EXPECT_EQ(submission_file(task_named("mnli"), "ax"), "AX.tsv");
  EXPECT_EQ(submission_file(task_named("ax"), "test"), "AX.tsv");
}

TEST(SubmissionFile, IsOnlyForWhatTheServerTakes) {
  EXPECT_EQ(code_of([] { (void)submission_file(task_named("rte"), "dev"); }), ErrorCode::kInternal);
  EXPECT_EQ(code_of([] { (void)submission_file(task_named("mine"), "test"); }),
            ErrorCode::kInternal);
}

TEST(Submission, HasLabelNamesUnderTheExamplesIds) {
  EXPECT_EQ(render_submission(task_named("rte", {"entailment", "not_entailment"}),
                              split_of({"0", "1", "7"}), {1, 0, 0}),
            "index\tprediction\n0\tnot_entailment\n1\tentailment\n7\tentailment\n");
  EXPECT_EQ(render_submission(task_named("cola"), split_of({"", ""}), {0, 1}),
            "index\tprediction\n0\t0\n1\t1\n");
}

TEST(Submission, HasScoresFromNothingToFiveWithThreeDecimals) {
  EXPECT_EQ(render_submission(task_named("stsb", {}), split_of({"", "", "", "", "", ""}),
                              {1.23456, -0.2, 5.5, -0.0, 4.9996, INFINITY}),
            "index\tprediction\n0\t1.235\n1\t0.000\n2\t5.000\n3\t0.000\n4\t5.000\n5\t5.000\n");
}

TEST(Submission, RefusesScoresOfADivergedModel) {
  try {
    (void)render_submission(task_named("stsb", {}), split_of({"a", "b"}), {1, NAN});
    FAIL() << "wrote NaN";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDiverged);
    EXPECT_THAT(error.what(), HasSubstr("stsb test, example b"));
  }
}

TEST(Submission, RefusesPredictionsThatDoNotFit) {
  const Task task = task_named("rte");
  for (const std::vector<double>& predictions :
       {std::vector<double>{}, {1, 0}, {2}, {-1}, {0.5}, {NAN}, {1e300}}) {
    EXPECT_EQ(code_of([&] { (void)render_submission(task, split_of({"0"}), predictions); }),
              ErrorCode::kInternal);
  }
}

class ZipTest : public testing::Test {
 protected:
  fs::path file(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  // Name and content of each member.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> unzip() const {
    const std::unique_ptr<archive, decltype(&archive_read_free)> stream(archive_read_new(),
                                                                        &archive_read_free);
    archive_read_support_format_zip(stream.get());
    EXPECT_EQ(archive_read_open_filename(stream.get(), zip_.c_str(), 1 << 16), ARCHIVE_OK);
    std::vector<std::pair<std::string, std::string>> members;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(stream.get(), &entry) == ARCHIVE_OK) {
      members.emplace_back(archive_entry_pathname(entry), "");
      char block[4096];
      la_ssize_t got = 0;
      while ((got = archive_read_data(stream.get(), block, sizeof block)) > 0) {
        members.back().second.append(block, static_cast<std::size_t>(got));
      }
      EXPECT_EQ(got, 0) << archive_error_string(stream.get());
    }
    return members;
  }

  TempFolder folder_;
  const fs::path zip_ = folder_ / "submission.zip";
};

TEST_F(ZipTest, HoldsTheFilesFlatAndInOrder) {
  std::string rows = "index\tprediction\n";
  for (int i = 0; i < 20'000; ++i) rows += std::to_string(i) + "\tentailment\n";
  write_zip(zip_, {file("RTE.tsv", rows), file("AX.tsv", ""), file("CoLA.tsv", "x")});
  EXPECT_EQ(unzip(), (std::vector<std::pair<std::string, std::string>>{
                         {"RTE.tsv", rows}, {"AX.tsv", ""}, {"CoLA.tsv", "x"}}));
  EXPECT_LT(fs::file_size(zip_), rows.size() / 3);
}

TEST_F(ZipTest, IsSoundForOtherReaders) {
  const char* python = std::getenv("CRAM_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "set CRAM_PYTHON to a Python";
  write_zip(zip_, {file("RTE.tsv", "index\tprediction\n0\t1\n"), file("AX.tsv", "")});
  const test::Finished test = test::run({"/usr/bin/env", python, "-m", "zipfile", "-t", zip_});
  EXPECT_EQ(test.exit_code, 0) << test.errors;
  EXPECT_EQ(test.output, "Done testing\n");
}

TEST_F(ZipTest, IsTheSameForTheSameFiles) {
  write_zip(zip_, {file("RTE.tsv", "index\tprediction\n0\t1\n")});
  const std::string first = read_file(zip_);
  fs::last_write_time(folder_ / "RTE.tsv",
                      fs::file_time_type::clock::now() + std::chrono::hours(5));
  write_zip(zip_, {folder_ / "RTE.tsv"});
  EXPECT_EQ(read_file(zip_), first);
}

TEST_F(ZipTest, LeavesTheOldOneWhereAFileIsMissing) {
  std::ofstream(zip_) << "old";
  const fs::path there = file("RTE.tsv", "new");
  EXPECT_EQ(code_of([&] { write_zip(zip_, {there, folder_ / "AX.tsv"}); }), ErrorCode::kData);
  EXPECT_EQ(read_file(zip_), "old");
}

TEST_F(ZipTest, RefusesTwoFilesOfOneName) {
  fs::create_directory(folder_ / "other");
  const fs::path one = file("RTE.tsv", "1"), other = file("other/RTE.tsv", "2");
  EXPECT_EQ(code_of([&] { write_zip(zip_, {one, other}); }), ErrorCode::kInternal);
  EXPECT_FALSE(fs::exists(zip_));
}

TEST_F(ZipTest, SaysWhereItCannotWrite) {
  const fs::path there = file("RTE.tsv", "1");
  EXPECT_EQ(code_of([&] { write_zip(folder_ / "no" / "such.zip", {there}); }), ErrorCode::kStorage);
}

}  // namespace
}  // namespace cram::glue
