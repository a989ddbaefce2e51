#include "cram/corpus/shard.h"

#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/hash.h"

#include "support/temp_folder.h"

namespace cram::corpus {
namespace {

using Sequences = std::vector<std::vector<TokenId>>;

ShardPlace small_place() {
  return {.layout = {.corpus_key = 0x1122334455667788, .vocab_size = 300, .sequence_length = 5},
          .split = Split::kHeldOut,
          .number = 3};
}

Sequences make_sequences(const ShardPlace& place, std::size_t count) {
  std::mt19937_64 random(7);
  Sequences sequences(count);
  for (auto& sequence : sequences) {
    for (std::uint64_t i = 0; i < place.layout.sequence_length; ++i) {
      sequence.push_back(static_cast<TokenId>(random() % place.layout.vocab_size));
    }
  }
  return sequences;
}

std::filesystem::path write_shard(const std::filesystem::path& folder, const ShardPlace& place,
                                  const Sequences& sequences) {
  ShardWriter writer(folder, place);
  for (const auto& sequence : sequences) writer.append(sequence);
  writer.close();
  return folder / place.file_name();
}

Sequences read_shard(const std::filesystem::path& file) {
  const Shard shard(file);
  Sequences sequences;
  for (std::uint64_t i = 0; i < shard.sequences(); ++i) {
    sequences.emplace_back(shard.place().layout.sequence_length);
    shard.read(i, sequences.back());
  }
  return sequences;
}

// A fresh file each time: some file systems flush a file that is overwritten in place.
void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::remove(file);
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::ssize(bytes));
}

// Opens and reads everything: what a use of the shard does at most.
void use(const std::filesystem::path& file) {
  (void)read_shard(file);
  Shard(file).verify();
}

bool is_refused(const std::filesystem::path& file, const std::string& bytes) {
  write_bytes(file, bytes);
  try {
    use(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(file.filename().string()));
    return true;
  }
  return false;
}

template <class T>
void put(std::string& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}

void seal_header(std::string& bytes) { put(bytes, 120, hash64(bytes.data(), 120)); }

class ShardTest : public testing::Test {
 protected:
  test::TempFolder folder_;
};

TEST_F(ShardTest, GivesBackWhatWasWritten) {
  for (const std::uint64_t vocab : {5U, 300U, 65536U, 65537U, 1U << 20}) {
    for (const std::uint64_t length : {1U, 5U, 128U, 40000U}) {
      ShardPlace place = small_place();
      place.layout.vocab_size = vocab;
      place.layout.sequence_length = length;
      const Sequences sequences = make_sequences(place, 3 + 1000 / length);
      const auto file = write_shard(folder_.path(), place, sequences);
      EXPECT_EQ(read_shard(file), sequences);
      EXPECT_EQ(Shard(file).place(), place);
      EXPECT_EQ(place.layout.token_bytes(), vocab <= 65536 ? 2 : 4);
    }
  }
}

TEST_F(ShardTest, HasExactlyTheBytesOfTheFormatPage) {
  ShardPlace place = small_place();
  place.layout.sequence_length = 2;
  const auto file = write_shard(folder_.path(), place, {{1, 299}, {258, 0}});
  const std::string data("\x01\x00\x2b\x01\x02\x01\x00\x00", 8);
  std::string expected(128, '\0');
  std::memcpy(expected.data(), "CRAMSHRD\x04\x03\x02\x01\x01\0\0\0\x02\0\0\0\x01\0\0\0\x03", 25);
  std::memcpy(expected.data() + 32, "\x88\x77\x66\x55\x44\x33\x22\x11\x2c\x01\0\0\0\0\0\0\x02", 17);
  expected[56] = 2;                             // sequences
  put(expected, 64, std::uint64_t{65536 / 4});  // sequences a block
  const std::uint64_t table = hash64(data);
  put(expected, 72, hash64(&table, 8));
  seal_header(expected);
  expected += data;
  expected.append(reinterpret_cast<const char*>(&table), 8);
  EXPECT_EQ(read_file(file), expected);
  EXPECT_EQ(file.filename(), "held-out-00003.shard");
}

TEST_F(ShardTest, RefusesEveryFlippedBit) {
  const auto file = write_shard(folder_.path(), small_place(), make_sequences(small_place(), 7));
  const std::string good = read_file(file);
  ASSERT_FALSE(is_refused(file, good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      EXPECT_TRUE(is_refused(file, bad)) << "byte " << at << " bit " << bit;
    }
  }
}

TEST_F(ShardTest, RefusesEveryOtherLength) {
  const auto file = write_shard(folder_.path(), small_place(), make_sequences(small_place(), 7));
  const std::string good = read_file(file);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(is_refused(file, good.substr(0, size))) << size;
  }
  for (const std::size_t more : {1, 2, 8, 10, 4096}) {
    EXPECT_TRUE(is_refused(file, good + std::string(more, '\0'))) << more;
  }
}

TEST_F(ShardTest, DamageInOneBlockLeavesTheOthersUsable) {
  ShardPlace place = small_place();
  place.layout.sequence_length = 40000;  // each sequence is a block
  const Sequences sequences = make_sequences(place, 4);
  const auto file = write_shard(folder_.path(), place, sequences);
  std::string bytes = read_file(file);
  bytes[128 + 2 * 80000 + 17] ^= 1;
  write_bytes(file, bytes);

  const Shard shard(file);
  std::vector<TokenId> tokens(40000);
  for (const std::uint64_t good : {0U, 1U, 3U}) {
    shard.read(good, tokens);
    EXPECT_EQ(tokens, sequences[good]);
  }
  for (int again = 0; again < 2; ++again) {
    try {
      shard.read(2, tokens);
      FAIL() << "read a damaged block";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("offset 160128: checksum of block 2"));
      EXPECT_FALSE(error.hint().empty());
    }
  }
  EXPECT_THROW(shard.verify(), Error);
}

TEST_F(ShardTest, RefusesIdsOutsideTheVocabularyThoughTheChecksumsFit) {
  for (const std::uint64_t vocab : {300U, 70000U}) {
    ShardPlace place = small_place();
    place.layout.vocab_size = vocab;
    Sequences sequences = make_sequences(place, 4);
    sequences[2][1] = static_cast<TokenId>(vocab - 1);
    const auto file = write_shard(folder_.path(), place, sequences);
    std::string bytes = read_file(file);
    ASSERT_FALSE(is_refused(file, bytes));
    put(bytes, 40, vocab - 1);  // the header now speaks of a smaller vocabulary
    seal_header(bytes);
    EXPECT_TRUE(is_refused(file, bytes));
    const std::size_t offset = 128 + 11 * place.layout.token_bytes();
    try {
      use(file);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(),
                  testing::HasSubstr("offset " + std::to_string(offset) + ": a token"));
    }
  }
}

TEST_F(ShardTest, SurvivesHostileHeaders) {
  const Sequences sequences = make_sequences(small_place(), 7);
  const auto file = write_shard(folder_.path(), small_place(), sequences);
  const std::string good = read_file(file);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (const std::size_t offset : {8, 12, 16, 20, 24, 32, 40, 48, 56, 64, 72, 80}) {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{6}, std::uint64_t{1} << 31,
          std::uint64_t{1} << 32, std::uint64_t{1} << 61, std::uint64_t{1} << 63, kMost - 4,
          kMost}) {
      std::string bad = good;
      put(bad, offset, value);
      seal_header(bad);
      if (!is_refused(file, bad)) {
        EXPECT_EQ(read_shard(file), sequences) << offset << " " << value;
      }
    }
  }
}

TEST_F(ShardTest, RefusesAnUnknownVersionWithAHint) {
  const auto file = write_shard(folder_.path(), small_place(), make_sequences(small_place(), 1));
  std::string bytes = read_file(file);
  put(bytes, 12, std::uint32_t{2});
  write_bytes(file, bytes);
  try {
    use(file);
    FAIL() << "read a format of the future";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("shard format 2, this cram reads 1"));
    EXPECT_FALSE(error.hint().empty());
  }
}

// Mutations with a matching header checksum get past the first line of defence.
TEST_F(ShardTest, SurvivesRandomMutations) {
  const auto file = write_shard(folder_.path(), small_place(), make_sequences(small_place(), 7));
  const std::string good = read_file(file);
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    if (random() % 2 == 0 && bad.size() >= 128) seal_header(bad);
    write_bytes(file, bad);
    try {
      use(file);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
    }
  }
}

TEST_F(ShardTest, IsRefusedUntilItIsClosed) {
  const ShardPlace place = small_place();
  ShardWriter writer(folder_.path(), place);
  writer.append(std::vector<TokenId>(5, 1));
  EXPECT_THROW(use(folder_.path() / place.file_name()), Error);
  writer.close();
  use(folder_.path() / place.file_name());
}

TEST_F(ShardTest, TheWriterRefusesWhatIsNoSequenceOfTheVocabulary) {
  ShardWriter writer(folder_.path(), small_place());
  EXPECT_THROW(writer.append(std::vector<TokenId>(4, 1)), Error);
  EXPECT_THROW(writer.append(std::vector<TokenId>(6, 1)), Error);
  EXPECT_THROW(writer.append(std::vector<TokenId>{1, 2, 3, 4, 300}), Error);
}

TEST_F(ShardTest, RefusesPositionsThatDoNotExist) {
  const auto file = write_shard(folder_.path(), small_place(), make_sequences(small_place(), 2));
  const Shard shard(file);
  std::vector<TokenId> tokens(5);
  EXPECT_THROW(shard.read(2, tokens), Error);
  tokens.resize(4);
  EXPECT_THROW(shard.read(0, tokens), Error);
}

TEST_F(ShardTest, CanBeReadByManyThreads) {
  ShardPlace place = small_place();
  place.layout.sequence_length = 1000;
  const Sequences sequences = make_sequences(place, 200);
  const Shard shard(write_shard(folder_.path(), place, sequences));
  std::vector<std::thread> threads;
  std::atomic<int> equal{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<TokenId> tokens(1000);
      for (std::size_t i = 0; i < sequences.size(); ++i) {
        shard.read(i, tokens);
        equal += tokens == sequences[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, 4 * 200);
}

}  // namespace
}  // namespace cram::corpus
