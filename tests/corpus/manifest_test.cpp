#include "cram/corpus/manifest.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/hash.h"

#include "support/temp_folder.h"

namespace cram::corpus {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Manifest make_manifest() {
  Manifest manifest;
  manifest.made_from =
      R"({"files":[["a.txt",10,5]],"held_out_share":0.01,"seed":18446744073709551615})";
  manifest.layout = {
      .corpus_key = hash64(manifest.made_from), .vocab_size = 32768, .sequence_length = 128};
  manifest.training = {.documents = 7, .sequences = 30, .shards = {20, 10}};
  manifest.held_out = {.documents = 1, .sequences = 2, .shards = {2}};
  manifest.text = {.bytes = 1000,
                   .tokens = 4100,
                   .unknown_tokens = 3,
                   .empty_documents = 4,
                   .cleaned_documents = 5,
                   .short_records = 6,
                   .good_records = 12,
                   .bad_records = 1,
                   .bad_summary = "1 bad record of 13: invalid UTF-8 1 (\xff.txt:1)"};
  manifest.file_starts = {0, 12, 12, 30};
  return manifest;
}

// Writes `content` with a checksum that fits and returns what reading it says.
std::string complaint(const test::TempFolder& folder, json content) {
  content.erase("checksum");
  content["checksum"] = hex64(hash64(content.dump()));
  write_file_atomic(folder / Manifest::kFileName, content.dump());
  try {
    (void)Manifest::read(folder.path());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    return error.what();
  }
  return "";
}

TEST(Manifest, ReadsWhatItWrote) {
  const test::TempFolder folder;
  const Manifest manifest = make_manifest();
  manifest.write(folder.path());
  const Manifest read = Manifest::read(folder.path());
  EXPECT_EQ(read.made_from, manifest.made_from);
  EXPECT_EQ(read.layout, manifest.layout);
  EXPECT_EQ(read.key(), hex64(hash64(manifest.made_from)));
  EXPECT_EQ(read.training.shards, manifest.training.shards);
  EXPECT_EQ(read.held_out.documents, 1);
  EXPECT_EQ(read.split(Split::kTraining).sequences, 30);
  EXPECT_EQ(read.file_starts, manifest.file_starts);
  EXPECT_EQ(read.text.bytes, 1000);
  EXPECT_EQ(read.text.tokens, 4100);
  EXPECT_EQ(read.text.unknown_tokens, 3);
  EXPECT_EQ(read.text.empty_documents, 4);
  EXPECT_EQ(read.text.cleaned_documents, 5);
  EXPECT_EQ(read.text.short_records, 6);
  EXPECT_EQ(read.text.good_records, 12);
  EXPECT_EQ(read.text.bad_records, 1);
  EXPECT_THAT(read.text.bad_summary, HasSubstr("invalid UTF-8"));
}

TEST(Manifest, RefusesNumbersThatCannotBe) {
  const test::TempFolder folder;
  make_manifest().write(folder.path());
  const json good = json::parse(read_file(folder / Manifest::kFileName));
  ASSERT_EQ(complaint(folder, good), "");

  const std::vector<std::pair<std::string, json>> changes = {
      {"/training/sequences", 31},
      {"/training/sequences", -30},
      {"/training/shards", json::array()},
      {"/training/shards", json::array({31, -1})},
      {"/training/shards", json::array({30, 0})},
      {"/training/shards", json::array({INT64_MAX, INT64_MAX, 32})},
      {"/training/shards", "many"},
      {"/held_out/documents", -1},
      {"/held_out", nullptr},
      {"/text/bytes", "1"},
      {"/sequence_length", -128},
      {"/vocab_size", json::object()},
      {"/file_starts", json::array()},
      {"/file_starts", json::array({1, 12})},
      {"/file_starts", json::array({0, 13, 12})},
      {"/file_starts", json::array({0, 31})},
      {"/file_starts", nullptr},
      {"/format", "something"},
  };
  for (const auto& [where, value] : changes) {
    json bad = good;
    bad[json::json_pointer(where)] = value;
    EXPECT_THAT(complaint(folder, bad), HasSubstr(Manifest::kFileName)) << where << " " << value;
  }
  json future = good;
  future["version"] = 3;
  EXPECT_THAT(complaint(folder, future), HasSubstr("version 3, this cram reads 2"));
}

TEST(Manifest, IsRefusedWhenItIsNoObject) {
  const test::TempFolder folder;
  for (const char* content : {"", "[]", "1", "null", "{}", "\"cram corpus\"", "{\"format\": 1}"}) {
    write_file_atomic(folder / Manifest::kFileName, content);
    EXPECT_THROW((void)Manifest::read(folder.path()), Error) << content;
  }
}

}  // namespace
}  // namespace cram::corpus
