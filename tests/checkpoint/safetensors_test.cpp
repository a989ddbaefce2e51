#include "cram/checkpoint/safetensors.h"

#include <cstring>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"

#include "file_bytes.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

using testing::HasSubstr;

constexpr at::ScalarType kAllTypes[] = {at::kDouble, at::kFloat, at::kHalf,  at::kBFloat16,
                                        at::kLong,   at::kInt,   at::kShort, at::kChar,
                                        at::kByte,   at::kBool};

// A file of this header and data, with the length in front.
std::string file_of(const std::string& header, const std::string& data = "") {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

std::string bytes_of(const at::Tensor& tensor) {
  const auto whole = tensor.contiguous();
  return {static_cast<const char*>(whole.const_data_ptr()), whole.nbytes()};
}

class SafetensorsReader : public testing::Test {
 protected:
  Safetensors read(const std::string& bytes) {
    write_bytes(path_, bytes);
    return read_safetensors(path_);
  }
  // Reading must fail with the project's own error, whose one line names the file.
  void expect_refused(const std::string& bytes, const std::string& because) {
    try {
      (void)read(bytes);
      ADD_FAILURE() << "read a file that should be refused because: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      EXPECT_THAT(error.what(), HasSubstr(because));
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "file.safetensors";
};

class SafetensorsWriter : public SafetensorsReader {};

TEST_F(SafetensorsWriter, WritesTheBytesOfTheSpecification) {
  write_safetensors(path_,
                    {{"w", at::tensor({1.0F, -2.0F})}, {"n", at::scalar_tensor(3, at::kLong)}},
                    {{"step", "7"}});
  const std::string header = R"({"__metadata__":{"format":"pt","step":"7"},)"
                             R"("w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                             R"("n":{"dtype":"I64","shape":[],"data_offsets":[8,16]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  const std::string data("\0\0\x80\x3f\0\0\0\xc0\3\0\0\0\0\0\0\0", 16);
  EXPECT_EQ(read_bytes(path_), file_of(header + padding, data));
}

TEST_F(SafetensorsWriter, AlignsTheDataForAnyHeaderLength) {
  for (int length = 1; length <= 16; ++length) {
    write_safetensors(path_, {{std::string(length, 'x'), at::zeros({1})}});
    const std::string bytes = read_bytes(path_);
    EXPECT_EQ((bytes.size() - sizeof(float)) % 8, 0U) << length;
  }
}

TEST_F(SafetensorsWriter, RoundTripsEveryTypeAndShape) {
  NamedTensors tensors;
  for (const at::ScalarType type : kAllTypes) {
    const std::string name = c10::toString(type);
    const std::int64_t high = type == at::kBool ? 2 : 100;
    tensors.emplace_back(name + ".matrix", at::randint(high, {3, 5}, at::kLong).to(type));
    tensors.emplace_back(name + ".scalar", at::randint(high, {}, at::kLong).to(type));
    tensors.emplace_back(name + ".empty", at::empty({4, 0, 2}, type));
  }
  write_safetensors(path_, tensors);
  const Safetensors file = read_safetensors(path_);
  EXPECT_EQ(file.metadata, (Metadata{{"format", "pt"}}));
  ASSERT_EQ(file.tensors.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor& read = file.tensors.at(name);
    EXPECT_EQ(read.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_EQ(read.sizes(), tensor.sizes()) << name;
    EXPECT_EQ(bytes_of(read), bytes_of(tensor)) << name;
  }
}

TEST_F(SafetensorsWriter, WritesViewsAndSharedStorageInFull) {
  const auto base = at::arange(12, at::kFloat).view({3, 4});
  write_safetensors(path_, {{"whole", base}, {"turned", base.t()}, {"row", base[1]}});
  const Safetensors file = read_safetensors(path_);
  EXPECT_EQ(bytes_of(file.tensors.at("whole")), bytes_of(base));
  EXPECT_EQ(bytes_of(file.tensors.at("turned")), bytes_of(base.t()));
  EXPECT_EQ(bytes_of(file.tensors.at("row")), bytes_of(base[1]));
}

TEST_F(SafetensorsWriter, KeepsNamesAndMetadataOfAnyText) {
  const std::string odd = "naïve \"quoted\" \\ 名前 \n";
  write_safetensors(path_, {{odd, at::zeros({1})}}, {{odd, odd}});
  const Safetensors file = read_safetensors(path_);
  EXPECT_TRUE(file.tensors.contains(odd));
  EXPECT_EQ(file.metadata.at(odd), odd);
}

TEST_F(SafetensorsWriter, RefusesWhatTheFormatCannotHold) {
  const auto one = at::zeros({1});
  EXPECT_THROW(write_safetensors(path_, {{"a", one}, {"a", one}}), Error);
  EXPECT_THROW(write_safetensors(path_, {{"__metadata__", one}}), Error);
  EXPECT_THROW(write_safetensors(path_, {{"\xff", one}}), Error);
  EXPECT_THROW(write_safetensors(path_, {{std::string(2000, 'a'), one}}), Error);
  EXPECT_THROW(write_safetensors(path_, {{"a", one.to(at::kComplexFloat)}}), Error);
}

TEST_F(SafetensorsWriter, ReportsAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  try {
    write_safetensors("/dev/full", {{"a", at::zeros({1000})}});
    FAIL() << "wrote to a full device";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
  }
}

TEST_F(SafetensorsReader, ReadsWhatOthersWrite) {
  // Keys in another order, data not in the order of the header, white space, no metadata.
  const auto file = read(file_of(
      R"({ "b" : {"shape":[2],"data_offsets":[4,8],"dtype":"F16"},
          "a":{"data_offsets":[0,4],"dtype":"I32","shape":[1,1]} }   )",
      std::string("\x2a\0\0\0\0\x3c\0\xc0", 8)));
  EXPECT_EQ(file.tensors.at("a").item<int>(), 42);
  EXPECT_EQ(file.tensors.at("b")[0].item<float>(), 1.0F);
  EXPECT_EQ(file.tensors.at("b")[1].item<float>(), -2.0F);
  EXPECT_TRUE(file.metadata.empty());
}

TEST_F(SafetensorsReader, ReadsAFileWithoutTensors) {
  EXPECT_TRUE(read(file_of("{}")).tensors.empty());
}

TEST_F(SafetensorsReader, RefusesMissingFilesFoldersAndPipes) {
  EXPECT_THROW((void)read_safetensors(folder_ / "none"), Error);
  EXPECT_THROW((void)read_safetensors(folder_.path()), Error);
  EXPECT_THROW((void)read_safetensors("/dev/zero"), Error);
}

TEST_F(SafetensorsReader, RefusesBrokenLengths) {
  expect_refused("", "too short");
  expect_refused("1234567", "too short");
  expect_refused(std::string(8, '\0'), "not a JSON object");
  expect_refused(std::string("\3\0\0\0\0\0\0\0{}", 10), "longer than it may be");
  expect_refused(std::string(8, '\xff') + "{}", "longer than it may be");
  expect_refused(std::string("\0\0\0\0\0\0\0\x80{}", 10), "longer than it may be");
  // One byte above the limit of the format, in a sparse file that is long enough.
  write_bytes(path_, std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10));
  std::filesystem::resize_file(path_, 200'000'000);
  EXPECT_THROW((void)read_safetensors(path_), Error);
}

TEST_F(SafetensorsReader, RefusesBrokenJson) {
  expect_refused(file_of("x"), "not a JSON object");
  expect_refused(file_of("[]"), "not a JSON object");
  expect_refused(file_of(" {}"), "not a JSON object");
  expect_refused(file_of("{"), "not valid JSON");
  expect_refused(file_of("{}{}"), "not valid JSON");
  expect_refused(file_of(std::string("{}\0", 3)), "not valid JSON");
  expect_refused(file_of("{\"\xff\":1}"), "not valid JSON");
  expect_refused(file_of("{\"\\ud800\":1}"), "not valid JSON");
  expect_refused(file_of("{\"a\":" + std::string(100'000, '[')), "nested too deeply");
  expect_refused(file_of("{\"a\":{\"a\":{\"a\":{}}}}"), "nested too deeply");
}

TEST_F(SafetensorsReader, RefusesRepeatedKeys) {
  const std::string entry = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  expect_refused(file_of("{\"a\":" + entry + ",\"a\":" + entry + "}", "x"), "repeated key");
  expect_refused(file_of("{\"a\":" + entry + ",\"\\u0061\":" + entry + "}", "x"), "repeated key");
  expect_refused(file_of(R"({"__metadata__":{"a":"1","a":"2"}})"), "repeated key");
  expect_refused(
      file_of(R"({"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", "x"),
      "repeated key");
}

TEST_F(SafetensorsReader, RefusesBrokenMetadata) {
  expect_refused(file_of(R"({"__metadata__":[]})"), "__metadata__");
  expect_refused(file_of(R"({"__metadata__":null})"), "__metadata__");
  expect_refused(file_of(R"({"__metadata__":{"a":1}})"), "__metadata__");
  expect_refused(file_of(R"({"__metadata__":{"a":{"b":"c"}}})"), "__metadata__");
}

TEST_F(SafetensorsReader, RefusesBrokenEntries) {
  const auto with = [](const std::string& entry) { return file_of("{\"a\":" + entry + "}", "x"); };
  expect_refused(with("1"), "not an object");
  expect_refused(with("null"), "not an object");
  expect_refused(with(R"({"shape":[1],"data_offsets":[0,1]})"), "no dtype");
  expect_refused(with(R"({"dtype":"U8","data_offsets":[0,1]})"), "no shape");
  expect_refused(with(R"({"dtype":"U8","shape":[1]})"), "no data_offsets");
  expect_refused(with(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1})"), "keys besides");
  expect_refused(with(R"({"dtype":"U9","shape":[1],"data_offsets":[0,1]})"), "unknown dtype");
  expect_refused(with(R"({"dtype":"u8","shape":[1],"data_offsets":[0,1]})"), "unknown dtype");
  expect_refused(with(R"({"dtype":8,"shape":[1],"data_offsets":[0,1]})"), "dtype is not a string");
  expect_refused(with(R"({"dtype":"U8","shape":1,"data_offsets":[0,1]})"), "not a list");
  expect_refused(with(R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})"), "not a size");
  expect_refused(with(R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})"), "not a size");
  expect_refused(with(R"({"dtype":"U8","shape":["1"],"data_offsets":[0,1]})"), "not a size");
  expect_refused(with(R"({"dtype":"U8","shape":[1],"data_offsets":[0]})"), "byte counts");
  expect_refused(with(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,2]})"), "byte counts");
  expect_refused(with(R"({"dtype":"U8","shape":[1],"data_offsets":[-1,0]})"), "byte counts");
  expect_refused(with(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1e0]})"), "byte counts");
  expect_refused(with(R"({"dtype":"U8","shape":[1],"data_offsets":[1,0]})"), "do not fit");
  expect_refused(with(R"({"dtype":"U8","shape":[2],"data_offsets":[0,1]})"), "do not fit");
  expect_refused(with(R"({"dtype":"I16","shape":[1],"data_offsets":[0,1]})"), "do not fit");
  expect_refused(with(R"({"dtype":"U8","shape":[],"data_offsets":[0,0]})"), "do not fit");
  std::string dimensions = "1";
  for (int i = 0; i < 64; ++i) dimensions += ",1";
  expect_refused(with(R"({"dtype":"U8","shape":[)" + dimensions + R"(],"data_offsets":[0,1]})"),
                 "too many dimensions");
  const std::string name(1025, 'n');
  expect_refused(
      file_of("{\"" + name + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x"),
      "too long");
}

TEST_F(SafetensorsReader, RefusesSizesThatOverflow) {
  for (const char* shape :
       {"[2,18446744073709551615]", "[18446744073709551616]", "[9223372036854775807,2]",
        "[4294967296,4294967296]", "[0,4294967296,4294967296]", "[9223372036854775807]",
        "[3037000500,3037000500]"}) {
    expect_refused(file_of("{\"a\":{\"dtype\":\"F64\",\"shape\":" + std::string(shape) +
                           ",\"data_offsets\":[0,0]}}"),
                   "shape");
  }
  // Sizes are believed only when the file is as long: no memory is asked for here.
  expect_refused(
      file_of(
          R"({"a":{"dtype":"U8","shape":[1000000000000000],"data_offsets":[0,1000000000000000]}})"),
      "bytes of data where");
}

TEST_F(SafetensorsReader, RefusesDataThatOverlapsLeavesHolesOrDoesNotCover) {
  const auto two = [](const std::string& first, const std::string& second,
                      const std::string& data) {
    return file_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + first +
                       R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + second + "}}",
                   data);
  };
  EXPECT_EQ(read(two("[2,4]", "[0,2]", "1234")).tensors.size(), 2U);
  expect_refused(two("[0,2]", "[0,2]", "1234"), "overlaps");
  expect_refused(two("[0,2]", "[1,3]", "123"), "overlaps");
  expect_refused(two("[0,2]", "[3,5]", "12345"), "hole");
  expect_refused(two("[1,3]", "[3,5]", "12345"), "hole");
  expect_refused(two("[0,2]", "[2,4]", "12345"), "bytes of data where");
  expect_refused(two("[0,2]", "[2,4]", "123"), "bytes of data where");
  expect_refused(file_of("{}", "x"), "bytes of data where");
  // Many names for the same bytes, so that a small file would fill the memory.
  std::string attack = "{";
  for (int i = 0; i < 1000; ++i) {
    attack += "\"" + std::to_string(i) + R"(":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)";
  }
  attack.back() = '}';
  expect_refused(file_of(attack, "1234"), "overlaps");
}

TEST_F(SafetensorsReader, RefusesBoolsThatAreNeitherTrueNorFalse) {
  const std::string header = R"({"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})";
  EXPECT_EQ(read(file_of(header, std::string("\1\0", 2))).tensors.at("a").sum().item<int>(), 1);
  expect_refused(file_of(header, "\1\2"), "BOOL");
}

TEST_F(SafetensorsReader, SurvivesRandomChanges) {
  write_safetensors(path_, {{"first.weight", at::zeros({2, 3})},
                            {"second", at::zeros({0}, at::kHalf)},
                            {"third", at::zeros({}, at::kBool)}});
  const std::string good = read_bytes(path_);
  const std::string alphabet = "{}[]\",:0123456789-.eF \\u\xff";
  std::mt19937 random(20240229);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  int refused = 0;
  constexpr int kRounds = 4000;
  for (int round = 0; round < kRounds; ++round) {
    std::string bytes = good;
    for (std::size_t change = below(4) + 1; change > 0 && !bytes.empty(); --change) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = alphabet[below(alphabet.size())];
          break;
        case 2:
          bytes.erase(at, below(5));
          break;
        default:
          bytes.insert(at, 1, alphabet[below(alphabet.size())]);
      }
    }
    try {
      const Safetensors file = read(bytes);
      std::size_t total = 0;
      for (const auto& entry : file.tensors) total += entry.second.nbytes();
      EXPECT_LE(total, bytes.size());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      ++refused;
    }
  }
  EXPECT_GT(refused, kRounds / 2);
}

}  // namespace
}  // namespace cram::checkpoint
