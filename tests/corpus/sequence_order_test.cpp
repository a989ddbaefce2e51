#include "cram/corpus/sequence_order.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/corpus/batches.h"

#include "corpus/packed_text.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Two sources, the second of two files, and a vocabulary of letters: what a sequence says can be
// read back.
class SequenceOrderTest : public testing::Test {
 protected:
  SequenceOrderTest() {
    std::vector<std::string> documents = test::make_documents(400);
    write("one", "a.txt", {documents.begin(), documents.begin() + 150});
    write("two", "b.txt", {documents.begin() + 150, documents.begin() + 300});
    write("two", "c.txt", {documents.begin() + 300, documents.end()});
    test::write_letter_vocabulary(folder_ / "vocab.txt");
    options_.sources = {(folder_ / "one").string(), (folder_ / "two").string()};
    options_.cache = folder_ / "cache";
    options_.tokenizer_file = folder_ / "vocab.txt";
    options_.sequence_length = 32;
    options_.held_out_share = 0.1;
  }

  void write(const std::string& source, const std::string& file,
             const std::vector<std::string>& documents) const {
    fs::create_directory(folder_ / source);
    test::write_txt(folder_ / source / file, documents);
  }

  // The numbers of the sequences that training shows, from the first of epoch `first` on.
  [[nodiscard]] std::vector<std::int64_t> shown(std::int64_t epochs = 1, std::uint64_t seed = 5) {
    const Prepared prepared = prepare(options_);
    sequences_ = Corpus(prepared.corpus_folder).sequences(Split::kTraining);
    const bool listed = !prepared.order_folder.empty();
    const SequenceOrder order = listed
                                    ? SequenceOrder(SequenceList(prepared.order_folder, sequences_),
                                                    options_.ordering == Ordering::kShuffled, seed)
                                    : SequenceOrder(sequences_, seed);
    std::vector<std::int64_t> numbers;
    for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
      const SequenceOrder::Epoch at(order, static_cast<std::uint64_t>(epoch));
      for (std::uint64_t i = 0; i < order.sequences_an_epoch(); ++i) numbers.push_back(at(i));
    }
    return numbers;
  }

  [[nodiscard]] std::vector<std::int64_t> all() const {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(sequences_));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
  }

  // Sequence by sequence, its tokens by name.
  [[nodiscard]] std::vector<std::vector<std::string>> words() const {
    const Prepared prepared = prepare(options_);
    const Corpus corpus(prepared.corpus_folder);
    std::vector<std::vector<std::string>> words(static_cast<std::size_t>(sequences_));
    std::vector<TokenId> tokens(32);
    for (std::size_t i = 0; i < words.size(); ++i) {
      corpus.read(Split::kTraining, static_cast<std::int64_t>(i), tokens);
      for (const TokenId id : tokens) words[i].emplace_back(prepared.tokenizer->token(id));
    }
    return words;
  }

  // Sums over the sequences, in the order in which they are shown, which must name each once.
  [[nodiscard]] std::vector<double> sums(const std::function<double(const std::string&)>& value) {
    const std::vector<std::int64_t> order = shown();
    EXPECT_THAT(order, testing::UnorderedElementsAreArray(all()));
    EXPECT_NE(order, all());
    const auto text = words();
    std::vector<double> sums;
    for (const std::int64_t number : order) {
      double sum = 0;
      for (const std::string& word : text[static_cast<std::size_t>(number)]) sum += value(word);
      sums.push_back(sum);
    }
    return sums;
  }

  test::TempFolder folder_;
  PrepareOptions options_;
  std::int64_t sequences_ = 0;
};

TEST_F(SequenceOrderTest, IsShuffledAnewForEachEpochAndTakesNoListForIt) {
  const std::vector<std::int64_t> two = shown(2);
  EXPECT_EQ(prepare(options_).order_folder, fs::path());
  const auto middle = two.begin() + sequences_;
  EXPECT_FALSE(std::equal(two.begin(), middle, middle));
  EXPECT_TRUE(std::is_permutation(two.begin(), middle, all().begin()));
  EXPECT_TRUE(std::is_permutation(middle, two.end(), all().begin()));
}

TEST_F(SequenceOrderTest, CanBeThatOfReading) {
  options_.ordering = Ordering::kAsRead;
  const std::vector<std::int64_t> two = shown(2);
  std::vector<std::int64_t> expected = all();
  expected.insert(expected.end(), expected.begin(), expected.begin() + sequences_);
  EXPECT_EQ(two, expected);
}

TEST_F(SequenceOrderTest, GoesByHowLikelyTheTokensAre) {
  options_.ordering = Ordering::kUnlikelyFirst;
  (void)shown();
  std::map<std::string, double> counts;
  for (const auto& sequence : words()) {
    for (const std::string& word : sequence) ++counts[word];
  }
  const auto log_probability = [&](const std::string& word) {
    return std::log(counts.at(word) / static_cast<double>(sequences_ * 32));
  };
  const std::vector<double> rising = sums(log_probability);
  EXPECT_LT(rising.front(), rising.back() - 1);
  for (std::size_t i = 1; i < rising.size(); ++i) EXPECT_GE(rising[i], rising[i - 1] - 1e-4);
  options_.ordering = Ordering::kLikelyFirst;
  const std::vector<double> falling = sums(log_probability);
  for (std::size_t i = 1; i < falling.size(); ++i) EXPECT_LE(falling[i], falling[i - 1] + 1e-4);
}

TEST_F(SequenceOrderTest, GoesByTheFullStops) {
  const auto stops = [](const std::string& word) { return word == "." ? 1.0 : 0.0; };
  options_.ordering = Ordering::kShortSentencesFirst;
  const std::vector<double> falling = sums(stops);
  EXPECT_TRUE(std::is_sorted(falling.rbegin(), falling.rend()));
  EXPECT_GT(falling.front(), falling.back());
  options_.ordering = Ordering::kLongSentencesFirst;
  const std::vector<double> rising = sums(stops);
  EXPECT_TRUE(std::is_sorted(rising.begin(), rising.end()));
}

TEST_F(SequenceOrderTest, GoesByTheLengthOfTheTokensAsText) {
  const auto length = [](const std::string& word) {
    if (word.starts_with("[")) return 0.0;
    // A letter, and the space before a word; a full stop has none.
    return word.starts_with("##") || word == "." ? 1.0 : 2.0;
  };
  options_.ordering = Ordering::kShortTokensFirst;
  const std::vector<double> rising = sums(length);
  EXPECT_TRUE(std::is_sorted(rising.begin(), rising.end()));
  EXPECT_LT(rising.front(), rising.back());
  options_.ordering = Ordering::kLongTokensFirst;
  const std::vector<double> falling = sums(length);
  EXPECT_TRUE(std::is_sorted(falling.rbegin(), falling.rend()));
}

TEST_F(SequenceOrderTest, LeavesToChanceWhatTheCurriculumDoesNotDecide) {
  options_.ordering = Ordering::kShortSentencesFirst;
  const std::vector<std::int64_t> order = shown();
  // Few numbers of full stops, so long stretches of equals, which do not come as they were read.
  std::int64_t rises = 0;
  for (std::size_t i = 1; i < order.size(); ++i) rises += order[i] > order[i - 1] ? 1 : 0;
  EXPECT_LT(rises, std::ssize(order) * 2 / 3);
}

TEST_F(SequenceOrderTest, ShowsSourcesAsOftenAsAsked) {
  options_.ordering = Ordering::kAsRead;
  options_.epochs = {2, 0.5};
  const std::vector<std::int64_t> order = shown();
  const std::int64_t second = Manifest::read(prepare(options_).corpus_folder).file_starts.at(1);
  std::map<std::int64_t, int> times;
  for (const std::int64_t number : order) ++times[number];
  std::int64_t halves = 0;
  for (std::int64_t i = 0; i < sequences_; ++i) {
    if (i < second) {
      EXPECT_EQ(times[i], 2) << i;
    } else {
      EXPECT_LE(times[i], 1) << i;
      halves += times[i];
    }
  }
  const double share = static_cast<double>(halves) / static_cast<double>(sequences_ - second);
  EXPECT_NEAR(share, 0.5, 0.1);
  // The second round begins when the first is over.
  const auto descent = std::adjacent_find(order.begin(), order.end(), std::greater<>());
  ASSERT_NE(descent, order.end());
  EXPECT_TRUE(std::is_sorted(descent + 1, order.end()));
  EXPECT_EQ(order.end() - (descent + 1), second);
}

TEST_F(SequenceOrderTest, ShufflesWhatIsShownMoreThanOnceAnewForEachEpoch) {
  options_.epochs = {3, 1};
  const std::vector<std::int64_t> two = shown(2);
  ASSERT_EQ(two.size() % 2, 0U);
  const auto middle = two.begin() + std::ssize(two) / 2;
  EXPECT_FALSE(std::equal(two.begin(), middle, middle));
  EXPECT_TRUE(std::is_permutation(two.begin(), middle, middle));
  EXPECT_NE(shown(1, 6), shown(1, 7));
}

TEST_F(SequenceOrderTest, DependsOnNoThreadAndNeedsNoNewPacking) {
  options_.ordering = Ordering::kUnlikelyFirst;
  options_.epochs = {1.5, 1};
  const std::vector<std::int64_t> order = shown();
  const Prepared plain = prepare(options_);
  EXPECT_TRUE(plain.reused);
  EXPECT_TRUE(find_prepared(options_).reused);
  fs::remove_all(plain.order_folder);
  EXPECT_FALSE(find_prepared(options_).reused);
  options_.threads = 4;
  EXPECT_EQ(shown(), order);
  const Prepared again = prepare(options_);
  EXPECT_EQ(again.corpus_folder, plain.corpus_folder);
  options_.epochs = {1, 1.5};
  const Prepared other = prepare(options_);
  EXPECT_EQ(other.corpus_folder, plain.corpus_folder);
  EXPECT_NE(other.order_folder, plain.order_folder);
}

TEST_F(SequenceOrderTest, DependsOnWhichFilesAreOfWhichSource) {
  options_.epochs = {1, 2};
  const Prepared two_and_one = prepare(options_);
  options_.sources = {(folder_ / "one" / "a.txt").string(), (folder_ / "two" / "*.txt").string()};
  EXPECT_EQ(prepare(options_).order_folder, two_and_one.order_folder);
  fs::create_directory(folder_ / "both");
  fs::rename(folder_ / "two" / "b.txt", folder_ / "one" / "b.txt");
  options_.sources = {(folder_ / "one").string(), (folder_ / "two").string()};
  const Prepared moved = prepare(options_);
  EXPECT_NE(moved.corpus_folder, two_and_one.corpus_folder);
  EXPECT_NE(moved.order_folder, two_and_one.order_folder);
}

TEST_F(SequenceOrderTest, RefusesANumberForASourceWithoutFilesOfItsOwn) {
  options_.sources = {(folder_ / "one").string(), (folder_ / "one").string(),
                      (folder_ / "two").string()};
  options_.epochs = {1, 3, 2};
  try {
    (void)prepare(options_);
    FAIL() << "passed over a number";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("data.epochs"));
  }
}

TEST_F(SequenceOrderTest, DrawsPartsOfSourcesByTheSeed) {
  options_.epochs = {0.5, 0.5};
  options_.ordering = Ordering::kAsRead;
  const std::vector<std::int64_t> first = shown();
  options_.order_seed = 1;
  EXPECT_NE(shown(), first);
}

TEST_F(SequenceOrderTest, RefusesToShowNothing) {
  options_.epochs = {1e-9, 1e-9};
  try {
    (void)prepare(options_);
    FAIL() << "prepared an epoch of nothing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("data.epochs"));
  }
}

TEST_F(SequenceOrderTest, MakesADamagedListAnew) {
  options_.ordering = Ordering::kLongTokensFirst;
  const std::vector<std::int64_t> order = shown();
  const fs::path folder = prepare(options_).order_folder;
  const fs::path file = folder / SequenceList::kFileName;
  const std::string whole = read_file(file);
  std::vector<std::string> broken = {"", whole.substr(0, 10), whole.substr(0, 16),
                                     whole.substr(0, whole.size() - 4), whole + "more"};
  for (std::size_t i = 0; i < 24; ++i) {
    broken.push_back(whole);
    broken.back()[i] ^= 1;
  }
  for (const std::string& content : broken) {
    write_file_atomic(file, content);
    EXPECT_THROW(SequenceList(folder, sequences_), Error);
    EXPECT_EQ(shown(), order);
    EXPECT_EQ(read_file(file), whole);
  }
  EXPECT_THROW(SequenceList(folder, sequences_ - 1), Error) << "of another corpus";
}

TEST_F(SequenceOrderTest, IsWhatBatchesFollow) {
  options_.ordering = Ordering::kShortTokensFirst;
  const std::vector<std::int64_t> order = shown();
  const Prepared prepared = prepare(options_);
  const Corpus corpus(prepared.corpus_folder);
  const BatchMaker maker(corpus, Split::kTraining, Masking({}, *prepared.tokenizer), {3},
                         SequenceOrder(SequenceList(prepared.order_folder, sequences_), false, 3));
  MaskedBatch batch = maker.make(sequences_ - 2, 4, 0.15);  // over the end of the epoch
  for (std::size_t i = 0; i < batch.positions.size(); ++i) {
    batch.ids.at(static_cast<std::size_t>(batch.positions[i])) = batch.targets[i];
  }
  std::vector<TokenId> tokens(32);
  for (std::size_t row = 0; row < 4; ++row) {
    const auto place = (static_cast<std::size_t>(sequences_) - 2 + row) % order.size();
    corpus.read(Split::kTraining, order[place], tokens);
    EXPECT_TRUE(std::equal(tokens.begin(), tokens.end(), batch.ids.begin() + row * 32)) << row;
  }
}

TEST(FileStarts, SayWhereEachFileBegins) {
  const test::TempFolder folder;
  const std::vector<std::string> documents = test::make_documents(90);
  std::vector<fs::path> files;
  for (const auto& [name, from, to] :
       std::vector<std::tuple<std::string, int, int>>{{"a.txt", 0, 0},
                                                      {"b.txt", 0, 40},
                                                      {"c.txt", 40, 40},
                                                      {"d.txt", 40, 41},
                                                      {"e.txt", 41, 90},
                                                      {"f.txt", 90, 90}}) {
    files.push_back(folder / name);
    test::write_txt(files.back(), {documents.begin() + from, documents.begin() + to});
  }
  const test::FakeTokenizer tokenizer;
  PackOptions options = test::PackedText::default_options();
  for (options.threads = 1; options.threads < 4; ++options.threads) {
    const fs::path corpus = folder / std::to_string(options.threads);
    make_folders(corpus);
    const Manifest manifest = pack(test::sources(files), tokenizer, options, corpus);
    std::int64_t tokens = 0;
    const auto add = [&](int from, int to) {
      const std::int64_t start = (tokens + 31) / 32;
      for (int i = from; i < to; ++i) {
        const std::string& text = documents[static_cast<std::size_t>(i)];
        if (!is_held_out(text, options.held_out_share, options.seed))
          tokens += std::ssize(text) + 1;
      }
      return start;
    };
    const std::vector<std::int64_t> expected = {add(0, 0),   add(0, 40),  add(40, 40),
                                                add(40, 41), add(41, 90), tokens / 32};
    EXPECT_EQ(manifest.file_starts, expected);
    EXPECT_EQ(Manifest::read(corpus).file_starts, expected);
  }
}

}  // namespace
}  // namespace cram::corpus
