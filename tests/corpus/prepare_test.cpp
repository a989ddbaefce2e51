#include "cram/corpus/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/hash.h"

#include "corpus/preparation_fixture.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;
using test::lock_of;
using testing::HasSubstr;

class PrepareTest : public test::PreparationTest {};

TEST_F(PrepareTest, MakesOnceWhatLaterRunsReuse) {
  const Prepared first = prepare(options_);
  EXPECT_FALSE(first.reused);
  const Corpus corpus(first.corpus_folder);
  corpus.verify();
  EXPECT_EQ(first.corpus_folder.filename(), "corpus-" + corpus.key());
  EXPECT_EQ(corpus.vocab_size(), first.tokenizer->vocab_size());
  EXPECT_EQ(
      tokenizer::load_tokenizer(first.tokenizer_folder, options_.normalization)->fingerprint(),
      first.tokenizer->fingerprint());

  const auto written = fs::last_write_time(first.corpus_folder / "corpus.json");
  for (const Prepared& later : {prepare(options_), find_prepared(options_)}) {
    EXPECT_TRUE(later.reused);
    EXPECT_EQ(later.corpus_folder, first.corpus_folder);
    EXPECT_EQ(later.tokenizer_folder, first.tokenizer_folder);
    EXPECT_EQ(later.tokenizer->fingerprint(), first.tokenizer->fingerprint());
  }
  EXPECT_EQ(fs::last_write_time(first.corpus_folder / "corpus.json"), written);
}

TEST_F(PrepareTest, LeavesFoldersOfOthersInTheCacheAlone) {
  std::vector<fs::path> others;
  for (const char* name : {"corpus-mine", "documents-wiki", "order-", "tokenizer-old",
                           "selection-0123456789abcdeg", "corpus-0123456789abcdef"}) {
    others.push_back(options_.cache / name / "text.txt");
    fs::create_directories(others.back().parent_path());
    test::write_txt(others.back(), {"Something of mine."});
  }
  (void)prepare(options_);
  for (const fs::path& file : others) EXPECT_TRUE(fs::exists(file)) << file;
}

TEST_F(PrepareTest, LookingForItWritesNothing) {
  const Prepared found = find_prepared(options_);
  EXPECT_FALSE(found.reused);
  EXPECT_NE(found.tokenizer, nullptr);
  EXPECT_TRUE(found.tokenizer_folder.empty() && found.corpus_folder.empty());
  options_.tokenizer_file.clear();
  EXPECT_EQ(find_prepared(options_).tokenizer, nullptr);
  EXPECT_FALSE(fs::exists(options_.cache));
  options_.sources = {(folder_ / "nowhere").string()};
  EXPECT_THROW((void)find_prepared(options_), Error);
}

TEST_F(PrepareTest, ChangesMakeAnotherCorpusAndKeepTheOld) {
  const Prepared first = prepare(options_);
  PrepareOptions changed = options_;
  changed.sequence_length = 64;
  EXPECT_NE(prepare(changed).corpus_folder, first.corpus_folder);
  EXPECT_EQ(cached("corpus-").size(), 2U);
  EXPECT_EQ(cached("tokenizer-").size(), 1U);
  EXPECT_TRUE(prepare(options_).reused);

  write_text(test::make_documents(301));
  EXPECT_FALSE(find_prepared(options_).reused);
  EXPECT_NE(prepare(options_).corpus_folder, first.corpus_folder);
}

TEST_F(PrepareTest, TheNumberOfThreadsChangesNothing) {
  write_text(test::make_documents(20'000));
  options_.tokenizer_file.clear();
  options_.train.vocab_size = 300;
  const Prepared first = prepare(options_);
  options_.cache = folder_ / "other-cache";
  options_.threads = 3;
  const Prepared second = prepare(options_);
  test::expect_same_bytes(first, second);
}

TEST_F(PrepareTest, ATrainedTokenizerNeverSawTheHeldOutDocuments) {
  auto documents = test::make_documents(300);
  for (std::string& document : documents) {
    // What is held out depends on the text, so the mark is tried and kept where it fits.
    const std::string marked = document + " §§§";
    if (is_held_out(marked, options_.held_out_share, options_.seed)) document = marked;
  }
  write_text(documents);
  options_.tokenizer_file.clear();
  options_.train.vocab_size = 200;
  const Prepared prepared = prepare(options_);
  EXPECT_EQ(prepared.tokenizer->vocab_size(), 200);
  std::string all_tokens;
  for (TokenId id = 0; id < 200; ++id) all_tokens += prepared.tokenizer->token(id);
  EXPECT_THAT(all_tokens, Not(HasSubstr("§")));
  EXPECT_THAT(all_tokens, HasSubstr("word"));
  EXPECT_TRUE(prepare(options_).reused);
}

TEST_F(PrepareTest, TheTrainingSampleComesFromAllTheText) {
  const std::vector<std::string> languages = {"яблоко", "πορτοκάλι", "apple", "תפוח"};
  for (std::size_t i = 0; i < languages.size(); ++i) {
    std::vector<std::string> documents;
    for (int n = 0; n < 3000; ++n) documents.push_back(languages[i] + " " + std::to_string(n));
    test::write_txt(folder_ / "text" / (std::to_string(i) + ".txt"), documents);
  }
  options_.tokenizer_file.clear();
  options_.train.vocab_size = 100;
  options_.train_bytes = 20'000;
  const Prepared prepared = prepare(options_);
  for (const std::string& word : languages) {
    std::vector<TokenId> ids;
    prepared.tokenizer->encode(word, ids);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), prepared.tokenizer->special_tokens().unk), 0)
        << word;
  }
}

TEST_F(PrepareTest, MakesADamagedCorpusAnew) {
  const Prepared first = prepare(options_);
  const auto bytes = test::contents(first.corpus_folder);
  for (const char* name : {"training-00000.shard", "held-out-00000.shard", "corpus.json"}) {
    fs::resize_file(first.corpus_folder / name, 100);
    EXPECT_TRUE(find_prepared(options_).corpus_folder.empty()) << name;
    const Prepared again = prepare(options_);
    EXPECT_FALSE(again.reused) << name;
    EXPECT_EQ(test::contents(again.corpus_folder), bytes);
  }
  fs::remove(first.tokenizer_folder / "tokenizer.json");
  fs::remove(first.tokenizer_folder / "vocab.txt");
  EXPECT_FALSE(prepare(options_).reused);
  EXPECT_TRUE(fs::exists(first.tokenizer_folder / "vocab.txt"));
}

TEST_F(PrepareTest, AFolderThatCannotBeWrittenIsAnError) {
  std::ofstream(folder_ / "file") << "in the way";
  options_.cache = folder_ / "file" / "cache";
  try {
    (void)prepare(options_);
    FAIL() << "wrote into a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorage);
  }
  options_.cache = folder_ / "cache";
  const Prepared prepared = prepare(options_);
  fs::remove_all(prepared.corpus_folder);
  fs::remove(lock_of(prepared.corpus_folder));
  fs::create_directory(lock_of(prepared.corpus_folder));
  EXPECT_THROW((void)prepare(options_), Error) << "waits for ever";
}

TEST_F(PrepareTest, AFailureLeavesNoCorpus) {
  options_.sequence_length = 1'000'000;
  EXPECT_THROW((void)prepare(options_), Error);
  EXPECT_TRUE(cached("corpus-").empty());
  options_.sequence_length = 0;
  EXPECT_THROW((void)prepare(options_), Error);
  options_.sequence_length = 32;
  for (const double share : {-0.1, 1.0, std::nan("")}) {
    options_.held_out_share = share;
    EXPECT_THROW((void)prepare(options_), Error) << share;
  }
}

TEST_F(PrepareTest, BadRecordsAreAShareOfAllRecordsAlsoOfTheShortOnes) {
  write_text(test::make_documents(99));
  std::ofstream lines(folder_ / "text" / "b.jsonl");
  lines << "{broken\n";
  for (int i = 0; i < 100; ++i) lines << "{\"text\": \"x\"}\n";
  lines.close();
  options_.read.min_document_bytes = 5;
  options_.max_bad_share = 0.0051;  // of 200; of 100 it would be too many
  EXPECT_FALSE(prepare(options_).reused);
  EXPECT_TRUE(prepare(options_).reused);
}

TEST_F(PrepareTest, AStricterLimitOfBadRecordsRefusesTheCachedCorpus) {
  write_text(test::make_documents(99));
  std::ofstream(folder_ / "text" / "b.jsonl") << "{broken\n";
  options_.max_bad_share = 0.5;
  const Prepared prepared = prepare(options_);
  options_.max_bad_share = 0.001;
  try {
    (void)prepare(options_);
    FAIL() << "accepted too many bad records";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("b.jsonl:1"));
  }
  EXPECT_TRUE(fs::exists(prepared.corpus_folder));
}

// Real text and a real vocabulary: the shards hold what reading and encoding by hand give.
TEST_F(PrepareTest, PacksRealText) {
  const fs::path shared = CRAM_SHARED_DIR;
  if (!fs::exists(shared / "data")) GTEST_SKIP() << "no shared data in " << shared;
  options_.sources = {(shared / "data/wikipedia/train-00000-of-00003.parquet").string()};
  options_.tokenizer_file = shared / "data/tokenizers/bert-base-uncased-vocab.txt";
  options_.sequence_length = 128;
  options_.held_out_share = 0.02;
  options_.threads = 2;
  const Prepared prepared = prepare(options_);
  const Corpus corpus(prepared.corpus_folder);

  std::map<Split, std::vector<TokenId>> streams;
  std::map<Split, std::int64_t> documents;
  text::BadRecords bad;
  const auto files = text::find_sources(options_.sources);
  const auto reader = text::open_documents(files.at(0), options_.read, bad);
  while (const auto document = reader->next()) {
    const Split split = is_held_out(document->text, 0.02, 0) ? Split::kHeldOut : Split::kTraining;
    prepared.tokenizer->encode(document->text, streams[split]);
    streams[split].push_back(102);  // [SEP] of this vocabulary
    ++documents[split];
  }
  for (auto& [split, stream] : streams) {
    stream.resize(stream.size() - stream.size() % 128);
    EXPECT_EQ(corpus.documents(split), documents[split]);
    EXPECT_TRUE(test::read_all(corpus, split) == stream);
  }
  EXPECT_GT(corpus.sequences(Split::kHeldOut), 1000);
}

}  // namespace
}  // namespace cram::corpus
