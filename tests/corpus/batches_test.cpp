#include "cram/corpus/batches.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "cram/base/error.h"

#include "corpus/packed_text.h"

namespace cram::corpus {
namespace {

using Sequence = std::vector<std::int64_t>;

// The sequences of a batch before they were masked.
std::vector<Sequence> restore(MaskedBatch batch) {
  for (std::size_t i = 0; i < batch.positions.size(); ++i) {
    batch.ids.at(static_cast<std::size_t>(batch.positions[i])) = batch.targets[i];
  }
  std::vector<Sequence> sequences;
  for (auto row = batch.ids.begin(); row != batch.ids.end(); row += batch.length) {
    sequences.emplace_back(row, row + batch.length);
  }
  return sequences;
}

MaskedBatch join(MaskedBatch a, const MaskedBatch& b) {
  const std::int64_t start = std::ssize(a.ids);
  a.sequences += b.sequences;
  a.ids.insert(a.ids.end(), b.ids.begin(), b.ids.end());
  a.targets.insert(a.targets.end(), b.targets.begin(), b.targets.end());
  for (const std::int64_t position : b.positions) a.positions.push_back(start + position);
  return a;
}

void expect_equal(const MaskedBatch& a, const MaskedBatch& b) {
  EXPECT_EQ(a.sequences, b.sequences);
  EXPECT_EQ(a.length, b.length);
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.positions, b.positions);
  EXPECT_EQ(a.targets, b.targets);
}

class BatchesTest : public testing::Test {
 protected:
  [[nodiscard]] BatchMaker maker(Split split = Split::kTraining, std::uint64_t seed = 3) const {
    return BatchMaker(corpus_, split, Masking({}, packed_.tokenizer), {seed});
  }
  [[nodiscard]] std::vector<Sequence> stored(Split split) const {
    const auto all = test::read_all(corpus_, split);
    std::vector<Sequence> sequences;
    for (auto row = all.begin(); row != all.end(); row += corpus_.sequence_length()) {
      sequences.emplace_back(row, row + corpus_.sequence_length());
    }
    return sequences;
  }

  test::PackedText packed_{test::make_documents(300)};
  Corpus corpus_{packed_.folder()};
  std::int64_t size_ = corpus_.sequences(Split::kTraining);
};

TEST_F(BatchesTest, EveryEpochShowsEverySequenceOnceInAnOrderOfItsOwn) {
  auto expected = stored(Split::kTraining);
  std::set<std::vector<Sequence>> orders = {expected};
  std::sort(expected.begin(), expected.end());
  for (int epoch = 0; epoch < 3; ++epoch) {
    auto shown = restore(maker().make(epoch * size_, size_, 0.25));
    EXPECT_TRUE(orders.insert(shown).second) << "epoch " << epoch << " repeats an order";
    std::sort(shown.begin(), shown.end());
    EXPECT_EQ(shown, expected);
  }
}

TEST_F(BatchesTest, TheStreamDoesNotDependOnHowItIsDivided) {
  const BatchMaker batches = maker();
  // Far enough to cross the border of an epoch.
  const std::int64_t start = size_ - 20;
  const MaskedBatch whole = batches.make(start, 64, 0.25);
  expect_equal(join(batches.make(start, 32, 0.25), batches.make(start + 32, 32, 0.25)), whole);
  MaskedBatch pieces = batches.make(start, 1, 0.25);
  for (int i = 1; i < 64; ++i) pieces = join(std::move(pieces), batches.make(start + i, 1, 0.25));
  expect_equal(pieces, whole);
}

TEST_F(BatchesTest, HaveTheShapeThatTheRateSays) {
  const MaskedBatch batch = maker().make(0, 7, 0.25);
  EXPECT_EQ(batch.sequences, 7);
  EXPECT_EQ(batch.length, 32);
  EXPECT_EQ(batch.ids.size(), 7U * 32);
  ASSERT_EQ(batch.positions.size(), 7U * 8);
  EXPECT_EQ(batch.targets.size(), batch.positions.size());
  EXPECT_TRUE(std::is_sorted(batch.positions.begin(), batch.positions.end()));
  for (std::size_t i = 0; i < batch.positions.size(); ++i) {
    EXPECT_EQ(batch.positions[i] / 32, static_cast<std::int64_t>(i / 8));
  }
}

TEST(Documents, EndAtSeparatorsAndBeginAtStartTokens) {
  const tokenizer::SpecialTokens special = test::FakeTokenizer(9).special_tokens();
  const auto numbers = [&](const std::vector<TokenId>& tokens) {
    std::vector<std::int64_t> documents;
    add_documents(tokens, special, documents);
    return documents;
  };
  const TokenId word = 8, sep = special.sep, cls = special.cls;
  EXPECT_EQ(numbers({word, sep, word, word, sep, sep, word}), Sequence({0, 0, 1, 1, 1, 2, 3}));
  EXPECT_EQ(numbers({cls, word, cls, word, word}), Sequence({0, 0, 1, 1, 1}));
  EXPECT_EQ(numbers({word, sep, cls, word, sep}), Sequence({0, 0, 1, 1, 1}));
  EXPECT_EQ(numbers({}), Sequence());
}

TEST_F(BatchesTest, TellTheDocumentOfEachTokenWhenAsked) {
  const BatchMaker batches(corpus_, Split::kTraining, Masking({}, packed_.tokenizer),
                           {.seed = 3, .documents = true});
  const MaskedBatch batch = batches.make(0, size_, 0.25);
  EXPECT_TRUE(maker().make(0, size_, 0.25).documents.empty());
  EXPECT_EQ(maker().make(0, size_, 0.25).ids, batch.ids);
  std::vector<std::int64_t> expected;
  for (const Sequence& sequence : restore(batch)) {
    add_documents(std::vector<TokenId>(sequence.begin(), sequence.end()),
                  packed_.tokenizer.special_tokens(), expected);
  }
  EXPECT_EQ(batch.documents, expected);
  EXPECT_GT(*std::max_element(expected.begin(), expected.end()), 0);
}

TEST_F(BatchesTest, ASequenceIsMaskedAnewEachTime) {
  std::map<Sequence, std::set<Sequence>> masks;
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (std::int64_t i = 0; i < size_; ++i) {
      const MaskedBatch batch = maker().make(epoch * size_ + i, 1, 0.25);
      masks[restore(batch).front()].insert(batch.positions);
    }
  }
  for (const auto& [sequence, positions] : masks) EXPECT_GE(positions.size(), 3U);
}

TEST_F(BatchesTest, TheSeedChangesOrderAndMasks) {
  const MaskedBatch a = maker(Split::kTraining, 3).make(0, 32, 0.25);
  const MaskedBatch b = maker(Split::kTraining, 4).make(0, 32, 0.25);
  EXPECT_NE(restore(a), restore(b));
  EXPECT_NE(a.positions, b.positions);
  expect_equal(maker(Split::kTraining, 3).make(0, 32, 0.25), a);
}

TEST_F(BatchesTest, TheHeldOutSetComesInFileOrderWithTheSameMasksEveryTime) {
  const std::int64_t size = corpus_.sequences(Split::kHeldOut);
  const MaskedBatch batch = maker(Split::kHeldOut).make_in_file_order(0, size, 0.15);
  EXPECT_EQ(restore(batch), stored(Split::kHeldOut));
  expect_equal(maker(Split::kHeldOut).make_in_file_order(0, size, 0.15), batch);
  const MaskedBatch first = maker(Split::kHeldOut).make_in_file_order(0, 5, 0.15);
  expect_equal(join(first, maker(Split::kHeldOut).make_in_file_order(5, size - 5, 0.15)), batch);
  // These masks are not those of the training stream.
  const MaskedBatch training = maker(Split::kHeldOut).make(0, size, 0.15);
  EXPECT_NE(training.positions, batch.positions);
  EXPECT_THROW((void)maker(Split::kHeldOut).make_in_file_order(size - 1, 2, 0.15), Error);
}

TEST_F(BatchesTest, RefuseAnotherVocabulary) {
  const test::FakeTokenizer other(6);
  EXPECT_THROW(BatchMaker(corpus_, Split::kTraining, Masking({}, other), BatchOptions{}), Error);
}

TEST_F(BatchesTest, ThePrefetcherReturnsWhatWasAskedForInOrder) {
  const BatchMaker batches = maker();
  for (const int depth : {0, 1, 3, 100}) {
    BatchPrefetcher prefetcher(batches, depth);
    for (int i = 0; i < 10; ++i) prefetcher.request({8 * i, 8 + i, 0.15 + 0.01 * i});
    for (int i = 0; i < 10; ++i) {
      expect_equal(prefetcher.next(), batches.make(8 * i, 8 + i, 0.15 + 0.01 * i));
    }
    prefetcher.request({0, 1, 0.25});
    expect_equal(prefetcher.next(), batches.make(0, 1, 0.25));
  }
}

TEST_F(BatchesTest, ThePrefetcherEndsWithRequestsStillOpen) {
  const BatchMaker batches = maker();
  for (int depth = 1; depth < 4; ++depth) {
    BatchPrefetcher prefetcher(batches, depth);
    for (int i = 0; i < 50; ++i) prefetcher.request({0, 64, 0.25});
    (void)prefetcher.next();
  }
}

TEST_F(BatchesTest, ThePrefetcherRefusesToWaitForNothing) {
  const BatchMaker batches = maker();
  BatchPrefetcher prefetcher(batches, 2);
  EXPECT_THROW((void)prefetcher.next(), Error);
  prefetcher.request({0, 1, 0.25});
  (void)prefetcher.next();
  EXPECT_THROW((void)prefetcher.next(), Error);
}

TEST_F(BatchesTest, DamageReachesTheCallerOfThePrefetcher) {
  const auto file = packed_.folder() / "training-00000.shard";
  {
    std::fstream shard(file, std::ios::in | std::ios::out | std::ios::binary);
    shard.seekp(200);
    shard.put('\xff');
  }
  const Corpus damaged(packed_.folder());
  const BatchMaker training(damaged, Split::kTraining, Masking({}, packed_.tokenizer), {});
  BatchPrefetcher prefetcher(training, 2);
  prefetcher.request({0, 4, 0.25});
  prefetcher.request({4, 4, 0.25});
  for (int i = 0; i < 2; ++i) {
    try {
      (void)prefetcher.next();
      FAIL() << "made a batch from a damaged shard";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
    }
  }
}

}  // namespace
}  // namespace cram::corpus
