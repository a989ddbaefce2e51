#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/report/events.h"

#include "file_size_limit.h"
#include "sample_events.h"
#include "support/temp_folder.h"

namespace cram::report {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using ::testing::HasSubstr;

// A reader written from the published formats alone, which accepts nothing doubtful.

// Bit by bit, unlike the table of the writer.
std::uint32_t crc32c_bitwise(std::string_view data) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82f63b78 & (0 - (crc & 1)));
  }
  return crc ^ 0xffffffff;
}

std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8; }

class Reader {
 public:
  explicit Reader(std::string_view data) : data_(data) {}
  [[nodiscard]] bool at_end() const { return data_.empty(); }

  std::string_view take(std::uint64_t size) {
    if (size > data_.size()) throw std::runtime_error("truncated");
    const std::string_view part = data_.substr(0, size);
    data_.remove_prefix(size);
    return part;
  }
  template <class Value>
  Value fixed() {
    Value value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error("endless varint");
  }
  void expect(std::uint64_t expected, const char* what) {
    if (varint() != expected) throw std::runtime_error(what);
  }

 private:
  std::string_view data_;
};

struct ParsedEvent {
  double wall_time = 0;
  std::uint64_t step = 0;
  std::string file_version;
  bool is_session_start = false;
  std::map<std::string, float> scalars;
};

void parse_summary(Reader reader, ParsedEvent& event) {
  while (!reader.at_end()) {
    reader.expect(0x0a, "summary without values");
    Reader value(reader.take(reader.varint()));
    value.expect(0x0a, "value without tag");
    const std::string tag(value.take(value.varint()));
    value.expect(0x15, "value without simple_value");
    if (!event.scalars.emplace(tag, value.fixed<float>()).second) throw std::runtime_error(tag);
    if (!value.at_end()) throw std::runtime_error("more in a value");
  }
}

ParsedEvent parse_event(Reader reader) {
  ParsedEvent event;
  reader.expect(0x09, "no wall_time");
  event.wall_time = reader.fixed<double>();
  reader.expect(0x10, "no step");
  event.step = reader.varint();
  const std::uint64_t what = reader.varint();
  const std::string_view body = reader.take(reader.varint());
  if (what == 0x1a) {
    event.file_version = body;
  } else if (what == 0x2a) {
    parse_summary(Reader(body), event);
  } else if (what == 0x3a && body == std::string_view("\x08\x01")) {
    event.is_session_start = true;
  } else {
    throw std::runtime_error("unknown field");
  }
  if (!reader.at_end()) throw std::runtime_error("more in an event");
  return event;
}

std::vector<ParsedEvent> parse_file(const fs::path& path) {
  const std::string content = content_of(path);
  Reader reader(content);
  std::vector<ParsedEvent> events;
  while (!reader.at_end()) {
    const std::string_view length = reader.take(8);
    if (reader.fixed<std::uint32_t>() != masked(crc32c_bitwise(length))) {
      throw std::runtime_error("checksum of the length");
    }
    std::uint64_t size = 0;
    std::memcpy(&size, length.data(), sizeof(size));
    const std::string_view payload = reader.take(size);
    if (reader.fixed<std::uint32_t>() != masked(crc32c_bitwise(payload))) {
      throw std::runtime_error("checksum of the payload");
    }
    events.push_back(parse_event(Reader(payload)));
  }
  return events;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(TensorboardSink, IsCheckedWithARightChecksum) {
  EXPECT_EQ(crc32c_bitwise("123456789"), 0xe3069283U);              // the check value of CRC-32C
  EXPECT_EQ(crc32c_bitwise(std::string(32, '\0')), 0x8a9136aaU);    // RFC 3720, B.4
  EXPECT_EQ(crc32c_bitwise(std::string(32, '\xff')), 0x62a8ab43U);  // RFC 3720, B.4
}

TEST(TensorboardSink, WritesAFileThatAStrictReaderAccepts) {
  const TempFolder folder;
  const auto sink = make_tensorboard_sink(folder / "runs/tensorboard");
  sink->record(sample_progress());
  sink->record(Note{"checkpoint", R"({"step": 3})"});
  sink->record(sample_validation());
  const std::vector<fs::path> files = files_in(folder / "runs/tensorboard");
  ASSERT_EQ(files.size(), 1U);
  EXPECT_THAT(files[0].filename().string(), ::testing::StartsWith("events.out.tfevents."));
  const std::vector<ParsedEvent> events = parse_file(files[0]);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  EXPECT_GT(events[0].wall_time, 1.7e9);
  EXPECT_EQ(events[1].step, 1234U);
  EXPECT_EQ(events[1].scalars.at("train/loss"), 3.21434F);
  EXPECT_EQ(events[1].scalars.at("train/learning_rate"), 4.2e-4F);
  EXPECT_EQ(events[1].scalars.at("train/batch_size"), 1536.0F);
  EXPECT_EQ(events[1].scalars.at("speed/tokens_per_second"), 10512.0F);
  EXPECT_EQ(events[1].scalars.at("speed/gemm_share"), 0.634F);
  EXPECT_EQ(events[1].scalars.at("budget/share"), 0.42F);
  EXPECT_EQ(events[2].step, 1200U);
  EXPECT_EQ(events[2].scalars, (std::map<std::string, float>{{"validation/loss", 3.1415F},
                                                             {"validation/accuracy", 0.4242F}}));
}

TEST(TensorboardSink, WritesCurvesOfAveragedWeights) {
  const TempFolder folder;
  make_tensorboard_sink(folder.path())->record(sample_validation_of_both());
  const std::vector<ParsedEvent> events = parse_file(files_in(folder.path())[0]);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[2].step, 1200U);
  EXPECT_EQ(events[2].scalars,
            (std::map<std::string, float>{{"validation/average_loss", 3.0125F},
                                          {"validation/average_accuracy", 0.4375F}}));
}

TEST(TensorboardSink, KeepsLargeStepsAndNumbersThatAreNotFinite) {
  const TempFolder folder;
  Progress progress = sample_progress();
  progress.step = std::numeric_limits<std::int64_t>::max();
  progress.loss = std::numeric_limits<double>::quiet_NaN();
  progress.gradient_norm = 1e300;
  make_tensorboard_sink(folder.path())->record(progress);
  const ParsedEvent event = parse_file(files_in(folder.path()).at(0)).at(1);
  EXPECT_EQ(event.step, 0x7fffffffffffffffULL);
  EXPECT_TRUE(std::isnan(event.scalars.at("train/loss")));
  EXPECT_TRUE(std::isinf(event.scalars.at("train/gradient_norm")));
}

TEST(TensorboardSink, WritesANewFileForEachStart) {
  const TempFolder folder;
  for (int start = 0; start < 3; ++start) {
    make_tensorboard_sink(folder.path())->record(sample_progress());
  }
  const std::vector<fs::path> files = files_in(folder.path());
  ASSERT_EQ(files.size(), 3U);
  for (const fs::path& file : files) EXPECT_EQ(parse_file(file).size(), 2U);
}

TEST(TensorboardSink, TellsThatAResumedRunGoesOnFromAnEarlierStep) {
  const TempFolder folder;
  const auto sink = make_tensorboard_sink(folder.path());
  sink->record(Note{"resumed", R"({"step": 900})"});
  sink->record(Note{"resumed", R"({"message": "without a step"})"});
  const std::vector<ParsedEvent> events = parse_file(files_in(folder.path()).at(0));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[1].is_session_start);
  EXPECT_EQ(events[1].step, 900U);
}

TEST(TensorboardSink, DrawsTheScoresOfAnEvaluation) {
  const TempFolder folder;
  make_tensorboard_sink(folder.path())->record(Note{"evaluated", R"({"step": 7, "split": "dev",
                                     "metrics": {"accuracy": 0.5, "f1": null}})"});
  const std::vector<ParsedEvent> events = parse_file(files_in(folder.path()).at(0));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].step, 7U);
  EXPECT_EQ(events[1].scalars.at("dev/accuracy"), 0.5F);
  EXPECT_TRUE(std::isnan(events[2].scalars.at("dev/f1")));
}

TEST(TensorboardSink, GoesOnInANewFileAfterAFullDisk) {
  const TempFolder folder;
  const auto sink = make_tensorboard_sink(folder.path());
  sink->record(sample_progress());
  {
    const FileSizeLimit limit(fs::file_size(files_in(folder.path()).at(0)) + 30);
    EXPECT_THROW(sink->record(sample_progress()), Error);
  }
  sink->record(sample_validation());
  const std::vector<fs::path> files = files_in(folder.path());
  ASSERT_EQ(files.size(), 2U);
  EXPECT_THROW(parse_file(files[0]), std::runtime_error) << "the limit did not cut a record";
  EXPECT_EQ(parse_file(files[1]).size(), 2U);
}

TEST(TensorboardSink, NamesTheFolderItCannotMake) {
  const TempFolder folder;
  make_jsonl_sink(folder / "file")->record(sample_progress());
  try {
    const auto sink = make_tensorboard_sink(folder / "file/tensorboard");
    FAIL() << "made a folder inside a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
    EXPECT_THAT(error.what(), HasSubstr("file/tensorboard"));
  }
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  pclose(pipe);
  return output;
}

TEST(TensorboardSink, IsReadByTensorboardItself) {
  const char* python = std::getenv("CRAM_PYTHON");
  const std::string import_check = " -c 'import tensorboard' 2>/dev/null && echo yes";
  if (python == nullptr || output_of(python + import_check) != "yes\n") {
    GTEST_SKIP() << "CRAM_PYTHON names no Python that has tensorboard";
  }
  const TempFolder folder;
  {
    const auto sink = make_tensorboard_sink(folder.path());
    Progress progress = sample_progress();
    for (const std::int64_t step : {10, 20, 30}) {
      progress.step = step;
      sink->record(progress);
    }
    sink->record(Note{"resumed", R"({"step": 20})"});
    progress.step = 20;
    progress.loss = 2.5;
    sink->record(progress);
  }
  const std::string script =
      "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"
      "import json, sys\n"
      "events = EventAccumulator(sys.argv[1]); events.Reload()\n"
      "print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)]\n"
      "                  for tag in events.Tags()[\"scalars\"]}))\n";
  const std::string output = output_of(std::string(python) + " -c '" + script + "' " +
                                       folder.path().string() + " 2>/dev/null");
  const nlohmann::json tags = nlohmann::json::parse(output);
  EXPECT_EQ(tags.size(), 11U);
  const nlohmann::json& loss = tags.at("train/loss");
  ASSERT_EQ(loss.size(), 2U) << "steps that a resumed run did again count once";
  EXPECT_EQ(loss[0][0], 10);
  EXPECT_EQ(loss[0][1], 3.21434F);
  EXPECT_EQ(loss[1][0], 20);
  EXPECT_EQ(loss[1][1], 2.5);
}

}  // namespace
}  // namespace cram::report
