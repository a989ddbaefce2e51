#include "../../src/checkpoint/weights_file.h"

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>

#include "cram/base/error.h"
#include "cram/checkpoint/model_folder.h"

#include "file_bytes.h"
#include "python_peer.h"
#include "small_models.h"
#include "support/temp_folder.h"

namespace cram::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using TensorMap = std::map<std::string, at::Tensor>;

constexpr const char* kFirst = "model-00001-of-00002.safetensors";
constexpr const char* kSecond = "model-00002-of-00002.safetensors";

TensorMap read(const fs::path& folder) {
  const NamedTensors weights = read_weights(find_weights(folder));
  TensorMap map(weights.begin(), weights.end());
  EXPECT_EQ(map.size(), weights.size()) << "a name stands there twice";
  return map;
}

// A folder with three tensors in two shards.
class WeightsFileTest : public testing::Test {
 protected:
  WeightsFileTest() {
    write_safetensors(path_ / kFirst, {{"a", at::ones({2})}, {"b", at::arange(6).view({2, 3})}});
    write_safetensors(path_ / kSecond, {{"c", at::ones({1})}});
    write_index({{"a", kFirst}, {"b", kFirst}, {"c", kSecond}});
  }

  void write_index(const json& map) const {
    write_bytes(index_, json{{"metadata", {{"total_size", 36}}}, {"weight_map", map}}.dump());
  }
  // Expects an error in one line that names the file.
  void expect_refused(const fs::path& file, const std::string& because) const {
    try {
      (void)read(path_);
      ADD_FAILURE() << "read weights that should be refused because: " << because;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr(file.string()), HasSubstr(because), Not(HasSubstr("\n"))));
    }
  }

  test::TempFolder folder_;
  fs::path path_ = folder_.path();
  fs::path index_ = path_ / "model.safetensors.index.json";
};

TEST_F(WeightsFileTest, MayBeShards) {
  const TensorMap weights = read(path_);
  ASSERT_EQ(weights.size(), 3U);
  EXPECT_TRUE(weights.at("a").equal(at::ones({2})));
  EXPECT_TRUE(weights.at("b").equal(at::arange(6).view({2, 3})));
  EXPECT_TRUE(weights.at("c").equal(at::ones({1})));
}

TEST_F(WeightsFileTest, IsTheWholeFileWhereThereIsOne) {
  write_safetensors(path_ / "model.safetensors", {{"d", at::ones({1})}});
  const TensorMap weights = read(path_);
  EXPECT_EQ(weights.size(), 1U);
  EXPECT_TRUE(weights.contains("d"));
}

TEST_F(WeightsFileTest, MayBeLinkedAsInHuggingFacesCache) {
  fs::rename(path_ / kSecond, path_ / "blob");
  fs::create_symlink("blob", path_ / kSecond);
  EXPECT_EQ(read(path_).size(), 3U);
}

TEST_F(WeightsFileTest, NeverLeavesItsFolder) {
  const fs::path outside = path_ / "outside.safetensors";
  fs::create_directory(path_ / "inside");
  fs::copy(path_ / kSecond, outside);
  fs::copy(path_ / kSecond, path_ / "inside" / kSecond);
  for (const std::string& name :
       {outside.string(), std::string("../") + kSecond, std::string("inside/") + kSecond,
        std::string("./") + kSecond, std::string("inside\\") + kSecond, std::string(".."),
        std::string("."), std::string(), std::string(".safetensors"), std::string("inside"),
        kSecond + std::string(1, '\0'), std::string("\x1b[31m.safetensors"),
        std::string("pytorch_model.bin"), std::string("\u00e9.safetensors")}) {
    write_index({{"a", kFirst}, {"b", kFirst}, {"c", name}});
    expect_refused(index_, "\"c\" stands in ");
  }
}

TEST_F(WeightsFileTest, ReadsRegularFilesAlone) {
  fs::remove(path_ / kSecond);
  fs::create_directory(path_ / kSecond);
  expect_refused(path_ / kSecond, "not a regular file");
  fs::remove(path_ / kSecond);
  ASSERT_EQ(::mkfifo((path_ / kSecond).c_str(), 0600), 0);
  expect_refused(path_ / kSecond, "not a regular file");
  fs::remove(path_ / kSecond);
  expect_refused(path_ / kSecond, "cannot open");
}

TEST_F(WeightsFileTest, HoldsWhatTheIndexSaysAndNothingElse) {
  write_index({{"a", kFirst}, {"b", kFirst}, {"c", kSecond}, {"d", kSecond}});
  expect_refused(path_ / kSecond, "holds no \"d\"");
  write_index({{"a", kFirst}, {"c", kSecond}});
  expect_refused(path_ / kFirst, "holds \"b\"");
  write_index({{"a", kSecond}, {"b", kFirst}, {"c", kFirst}});
  expect_refused(path_ / kFirst, "holds \"a\"");
  write_index({{"a", kFirst}, {"b", kFirst}, {"c", kSecond}});
  write_safetensors(path_ / kSecond, {{"a", at::ones({2})}, {"c", at::ones({1})}});
  expect_refused(path_ / kSecond, "holds \"a\"");
  write_bytes(path_ / kSecond, read_bytes(path_ / kFirst).substr(0, 100));
  expect_refused(path_ / kSecond, "");
}

TEST_F(WeightsFileTest, HoldsFiniteNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [value, type] :
       {std::pair{std::nan(""), at::kFloat}, std::pair{infinity, at::kFloat},
        std::pair{-infinity, at::kBFloat16}, std::pair{std::nan(""), at::kHalf},
        std::pair{1e300, at::kDouble}}) {
    const at::Tensor tensor = at::ones({3, 2}).to(type);
    tensor[1][1] = value;
    write_safetensors(path_ / kSecond, {{"c", tensor}});
    expect_refused(path_ / kSecond, "\"c\" holds a number that is not finite in fp32");
  }
  write_safetensors(path_ / kSecond, {{"c", at::ones({2, 0})}});
  EXPECT_EQ(read(path_).size(), 3U) << "no numbers at all are in order";
}

TEST_F(WeightsFileTest, NeedsAnIndexInOrder) {
  const std::vector<std::pair<std::string, std::string>> indexes = {
      {"", "not valid JSON"},
      {"[]", "not a JSON object"},
      {"{}", "no 'weight_map'"},
      {R"({"weight_map": {}})", "'weight_map' is empty"},
      {R"({"weight_map": ["a"]})", "'weight_map' is [\"a\"], not an object of strings"},
      {R"({"weight_map": {"a": 1}})", "not an object of strings"},
      {R"({"weight_map": {"a": null}})", "not an object of strings"},
      {R"({"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}})", "repeated key \"a\""},
      {R"({"weight_map": {"a": "x.safetensors"}} )" + std::string(1, '\0'), "not valid JSON"},
  };
  for (const auto& [text, because] : indexes) {
    write_bytes(index_, text);
    expect_refused(index_, because);
  }
}

TEST_F(WeightsFileTest, MayBeDamagedInAnyWay) {
  const std::string good = read_bytes(index_);
  constexpr std::string_view kAlphabet = "{}[]\",:\\/.0-a\0c";
  std::mt19937 random(20240229);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  int refused = 0;
  constexpr int kRounds = 1000;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = good;
    for (std::size_t change = below(3) + 1; change > 0; --change) {
      text.replace(below(text.size()), below(3), below(2), kAlphabet[below(kAlphabet.size())]);
    }
    write_bytes(index_, text);
    try {
      EXPECT_EQ(read(path_).size(), 3U) << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << text;
      ++refused;
    }
  }
  EXPECT_GT(refused, kRounds / 2);
}

TEST_F(WeightsFileTest, IsRefusedInAnotherFormatWithAWayToConvertIt) {
  for (const char* name : {kFirst, kSecond, "model.safetensors.index.json"}) {
    fs::remove(path_ / name);
  }
  expect_refused(path_ / "model.safetensors", "cannot open");
  for (const auto& [name, hint] :
       {std::pair{"flax_model.msgpack", "from_flax=True"}, std::pair{"tf_model.h5", "from_tf=True"},
        std::pair{"pytorch_model.bin.index.json", "weights_only=True"},
        std::pair{"pytorch_model.bin", "weights_only=True"}}) {
    write_bytes(path_ / name, "");
    expect_refused(path_ / "model.safetensors", std::string("missing, and ") + name + ", ");
    try {
      (void)find_weights(path_);
    } catch (const Error& error) {
      EXPECT_THAT(error.hint(), HasSubstr(hint));
    }
  }
}

TEST_F(WeightsFileTest, ReadsAlikeWholeAndInTransformersShards) {
  const fs::path whole = path_ / "whole", shards = path_ / "shards";
  const recipe::Recipe recipe = recipe::parse(kBert, "test");
  write_small_vocab(path_ / "vocab.txt");
  write_model_folder(whole, recipe, small_model(recipe).weights(),
                     *tokenizer::load_tokenizer(path_ / "vocab.txt", {}));
  const auto result = run_python_peer("hugging_face_shards.py", {whole, shards});
  if (result == PeerResult::kNotInstalled) {
    GTEST_SKIP() << "set CRAM_PYTHON to a Python with torch and transformers";
  }
  ASSERT_EQ(result, PeerResult::kDone);
  EXPECT_FALSE(fs::exists(shards / "model.safetensors"));
  fs::copy(path_ / "vocab.txt", shards);
  const ModelFolder expected = read_model_folder(whole), found = read_model_folder(shards);
  const TensorMap tensors(found.weights.begin(), found.weights.end());
  ASSERT_EQ(tensors.size(), expected.weights.size());
  for (const auto& [name, tensor] : expected.weights) {
    EXPECT_TRUE(tensors.at(name).equal(tensor)) << name;
  }
}

}  // namespace
}  // namespace cram::checkpoint
