#include "cram/corpus/corpus.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "corpus/packed_text.h"

namespace cram::corpus {
namespace {

using testing::HasSubstr;

class CorpusTest : public testing::Test {
 protected:
  static PackOptions options() {
    PackOptions options = test::PackedText::default_options();
    options.shard_bytes = 64 * 64;  // 64 sequences
    return options;
  }

  // What opening and checking the corpus complains about; empty when it is content.
  [[nodiscard]] std::string complaint() const {
    try {
      Corpus(packed_.folder()).verify();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      return error.what();
    }
    return "";
  }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return packed_.folder() / name;
  }
  // A fresh file each time: some file systems flush a file that is overwritten in place.
  static void put(const std::filesystem::path& file, const std::string& bytes) {
    std::filesystem::remove(file);
    std::ofstream(file, std::ios::binary) << bytes;
  }

  test::PackedText packed_{test::make_documents(300), options()};
};

TEST_F(CorpusTest, OpensWhatWasPacked) {
  Corpus corpus(packed_.folder());
  EXPECT_EQ(corpus.sequence_length(), 32);
  EXPECT_EQ(corpus.vocab_size(), packed_.tokenizer.vocab_size());
  EXPECT_EQ(corpus.sequences(Split::kTraining), packed_.manifest.training.sequences);
  EXPECT_EQ(corpus.key().size(), 16U);
  const Corpus moved(std::move(corpus));
  moved.verify();
  EXPECT_GT(packed_.manifest.training.shards.size(), 3U);
}

TEST_F(CorpusTest, RefusesSequencesThatDoNotExist) {
  const Corpus corpus(packed_.folder());
  std::vector<TokenId> tokens(32);
  const std::int64_t size = corpus.sequences(Split::kTraining);
  corpus.read(Split::kTraining, size - 1, tokens);
  EXPECT_THROW(corpus.read(Split::kTraining, size, tokens), Error);
  EXPECT_THROW(corpus.read(Split::kTraining, -1, tokens), Error);
  EXPECT_THROW(corpus.read(Split::kTraining, 0, std::span(tokens).first(31)), Error);
}

TEST_F(CorpusTest, MissesNoFile) {
  for (const char* name : {"training-00000.shard", "training-00002.shard", "held-out-00000.shard",
                           Manifest::kFileName}) {
    std::filesystem::rename(file(name), file("away"));
    EXPECT_THAT(complaint(), HasSubstr(name));
    std::filesystem::rename(file("away"), file(name));
    EXPECT_EQ(complaint(), "");
  }
}

TEST_F(CorpusTest, RefusesShardsInAnotherPlace) {
  const std::string first = read_file(file("training-00000.shard"));
  const std::string second = read_file(file("training-00001.shard"));
  put(file("training-00000.shard"), second);
  EXPECT_THAT(complaint(), HasSubstr("training-00000.shard: belongs to another corpus or place"));
  put(file("training-00000.shard"), first);
  EXPECT_EQ(complaint(), "");
  put(file("held-out-00000.shard"), first);
  EXPECT_THAT(complaint(), HasSubstr("held-out-00000.shard: belongs to another"));
}

TEST_F(CorpusTest, RefusesShardsOfAnotherCorpus) {
  PackOptions other = options();
  other.seed = 1;
  const test::PackedText another(test::make_documents(300), other);
  put(file("training-00000.shard"), read_file(another.folder() / "training-00000.shard"));
  EXPECT_THAT(complaint(), HasSubstr("belongs to another corpus"));
}

TEST_F(CorpusTest, RefusesEveryChangedManifest) {
  const std::string good = read_file(file(Manifest::kFileName));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    put(file(Manifest::kFileName), bad);
    EXPECT_THAT(complaint(), HasSubstr(Manifest::kFileName)) << good.substr(at, 20);
  }
  for (std::size_t size = 0; size + 2 < good.size(); size += 7) {
    put(file(Manifest::kFileName), good.substr(0, size));
    EXPECT_THAT(complaint(), HasSubstr(Manifest::kFileName)) << size;
  }
}

TEST_F(CorpusTest, SurvivesHostileManifests) {
  const std::string good = read_file(file(Manifest::kFileName));
  std::mt19937_64 random(3);
  const std::vector<std::string> pieces = {"{",
                                           "}",
                                           "[",
                                           "]",
                                           "-1",
                                           "1e99",
                                           "\"",
                                           "null",
                                           ",",
                                           std::string(100'000, '['),
                                           "18446744073709551615"};
  for (int round = 0; round < 1000; ++round) {
    std::string bad = good;
    bad.replace(random() % bad.size(), random() % 5, pieces[random() % pieces.size()]);
    put(file(Manifest::kFileName), bad);
    (void)complaint();  // an Error{kData} or none; never a crash
  }
}

}  // namespace
}  // namespace cram::corpus
