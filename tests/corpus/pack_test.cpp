#include "cram/corpus/pack.h"

#include <algorithm>
#include <csignal>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"

#include "corpus/packing_fixture.h"

namespace cram::corpus {
namespace {

using testing::HasSubstr;
using Documents = std::vector<std::string>;

// What packing promises, written down as simply as can be.
std::vector<TokenId> expected_stream(const Documents& documents, const PackOptions& options,
                                     const test::FakeTokenizer& tokenizer, Split split) {
  std::vector<TokenId> stream;
  for (const std::string& document : documents) {
    const bool held_out = is_held_out(document, options.held_out_share, options.seed);
    if (held_out != (split == Split::kHeldOut)) continue;
    if (options.start_token) stream.push_back(2);
    for (const char c : document) stream.push_back(tokenizer.id_of(c));
    if (options.separator) stream.push_back(3);
  }
  stream.resize(stream.size() - stream.size() % static_cast<std::size_t>(options.sequence_length));
  return stream;
}

// Runs `action`, which must throw an Error, and returns it.
template <class Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::kInternal, ""};
}

class PackTest : public test::PackingTest {};

TEST_F(PackTest, LosesAndInventsNoToken) {
  const Documents documents = test::make_documents(300);
  for (const bool separator : {false, true}) {
    for (const bool start_token : {false, true}) {
      for (const std::int64_t length : {1, 7, 32, 1000}) {
        options_.separator = separator;
        options_.start_token = start_token;
        options_.sequence_length = length;
        const test::PackedText packed(documents, options_);
        const Corpus corpus(packed.folder());
        for (const Split split : {Split::kTraining, Split::kHeldOut}) {
          EXPECT_EQ(test::read_all(corpus, split),
                    expected_stream(documents, options_, tokenizer_, split));
        }
        corpus.verify();
      }
    }
  }
}

TEST_F(PackTest, CountsDocumentsAndTokens) {
  const Documents documents = test::make_documents(300);
  const test::PackedText packed(documents, options_);
  std::int64_t bytes = 0, held_out = 0;
  for (const std::string& document : documents) {
    bytes += std::ssize(document);
    held_out += is_held_out(document, options_.held_out_share, options_.seed);
  }
  const Manifest& manifest = packed.manifest;
  EXPECT_EQ(manifest.text.bytes, bytes);
  EXPECT_EQ(manifest.text.tokens, bytes + 300);
  EXPECT_EQ(manifest.text.good_records, 300);
  EXPECT_EQ(manifest.text.bad_records, 0);
  EXPECT_EQ(manifest.held_out.documents, held_out);
  EXPECT_EQ(manifest.training.documents, 300 - held_out);
  const Corpus corpus(packed.folder());
  EXPECT_EQ(corpus.documents(Split::kHeldOut), held_out);
  EXPECT_EQ(corpus.sequences(Split::kHeldOut), manifest.held_out.sequences);
  EXPECT_EQ(corpus.key(), manifest.key());
}

TEST_F(PackTest, CountsWhatIsTooShort) {
  options_.read.min_document_bytes = 40;
  std::int64_t too_short = 0;
  for (const std::string& document : test::make_documents(300)) too_short += document.size() < 40;
  const test::PackedText packed(test::make_documents(300), options_);
  EXPECT_GT(too_short, 0);
  EXPECT_EQ(packed.manifest.text.short_records, too_short);
  EXPECT_EQ(packed.manifest.training.documents + packed.manifest.held_out.documents,
            300 - too_short);
}

TEST_F(PackTest, ManySmallShardsHoldTheSameAsOneLarge) {
  const Documents documents = test::make_documents(300);
  const test::PackedText one(documents, options_);
  options_.shard_bytes = 10 * 64;
  const test::PackedText many(documents, options_);
  EXPECT_EQ(one.manifest.training.shards.size(), 1U);
  EXPECT_GT(many.manifest.training.shards.size(), 10U);
  EXPECT_EQ(many.manifest.training.shards.front(), 10);
  for (const Split split : {Split::kTraining, Split::kHeldOut}) {
    EXPECT_EQ(test::read_all(Corpus(many.folder()), split),
              test::read_all(Corpus(one.folder()), split));
  }
}

TEST_F(PackTest, WritesTheSameBytesWithAnyNumberOfThreads) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 3; ++i) {
    files.push_back(folder_ / ("part-" + std::to_string(i) + ".txt"));
    Documents documents = test::make_documents(4000 + 1000 * i);
    std::rotate(documents.begin(), documents.begin() + 1000, documents.end());
    test::write_txt(files.back(), documents);
  }
  std::map<std::string, std::string> first;
  for (const int threads : {1, 2, 5}) {
    options_.threads = threads;
    options_.shard_bytes = 100'000;
    const auto folder = new_folder();
    pack(test::sources(files), tokenizer_, options_, folder);
    if (first.empty()) first = test::contents(folder);
    EXPECT_EQ(test::contents(folder), first) << threads;
    EXPECT_GT(first.size(), 5U);
  }
}

TEST_F(PackTest, EqualDocumentsStandOnOneSideWhateverTheirOrder) {
  Documents documents = test::make_documents(400);
  std::set<std::string> held_out;
  for (const std::string& document : documents) {
    if (is_held_out(document, 0.2, 0)) held_out.insert(document);
  }
  EXPECT_GT(held_out.size(), 50U);
  EXPECT_LT(held_out.size(), 110U);

  const Documents once = documents;
  documents.insert(documents.end(), once.rbegin(), once.rend());
  const test::PackedText packed(documents, options_);
  EXPECT_EQ(packed.manifest.held_out.documents, 2 * std::ssize(held_out));
  // The separator cuts the stream into the documents again; the last may have lost its end.
  for (const Split split : {Split::kTraining, Split::kHeldOut}) {
    std::string text;
    for (const TokenId id : test::read_all(Corpus(packed.folder()), split)) {
      text += id == 3 ? '\n' : static_cast<char>(id - 5);
    }
    std::istringstream lines(text.substr(0, text.rfind('\n')));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_EQ(held_out.contains(line), split == Split::kHeldOut) << line;
    }
  }
}

TEST_F(PackTest, TheSeedChoosesOtherHeldOutDocuments) {
  int both = 0, first = 0, second = 0;
  for (const std::string& document : test::make_documents(1000)) {
    const bool a = is_held_out(document, 0.2, 1);
    const bool b = is_held_out(document, 0.2, 2);
    first += a;
    second += b;
    both += a && b;
  }
  EXPECT_NEAR(first, 200, 65);
  EXPECT_NEAR(second, 200, 65);
  EXPECT_NEAR(both, 40, 32);
}

TEST_F(PackTest, UsesWideTokensForALargeVocabulary) {
  const test::FakeTokenizer wide(100'000);
  test::write_txt(folder_ / "text.txt", test::make_documents(50));
  const auto folder = new_folder();
  pack(test::sources({folder_ / "text.txt"}), wide, options_, folder);
  const Corpus corpus(folder);
  EXPECT_EQ(corpus.vocab_size(), 100'256);
  EXPECT_EQ(test::read_all(corpus, Split::kTraining),
            expected_stream(test::make_documents(50), options_, wide, Split::kTraining));
}

TEST_F(PackTest, DocumentsWithoutTokensLeaveNoTrace) {
  class DropsCapitals : public test::FakeTokenizer {
   public:
    void encode(std::string_view text, std::vector<TokenId>& ids) const override {
      if (text.front() == '#') return;
      FakeTokenizer::encode(text, ids);
    }
  };
  Documents documents = test::make_documents(100);
  const Documents kept = documents;
  documents.insert(documents.begin() + 50, "# nothing of this");
  test::write_txt(folder_ / "text.txt", documents);
  const auto folder = new_folder();
  options_.start_token = true;
  const Manifest manifest =
      pack(test::sources({folder_ / "text.txt"}), DropsCapitals(), options_, folder);
  EXPECT_EQ(manifest.text.empty_documents, 1);
  EXPECT_EQ(manifest.training.documents + manifest.held_out.documents, 100);
  EXPECT_EQ(test::read_all(Corpus(folder), Split::kTraining),
            expected_stream(kept, options_, tokenizer_, Split::kTraining));
}

TEST_F(PackTest, CountsUnknownTokens) {
  class KnowsNoDigits : public test::FakeTokenizer {
   public:
    void encode(std::string_view text, std::vector<TokenId>& ids) const override {
      for (const char c : text) ids.push_back(c >= '0' && c <= '9' ? 1 : id_of(c));
    }
  };
  const Documents documents = test::make_documents(100);
  std::int64_t digits = 0;
  for (const std::string& document : documents) {
    digits += std::count_if(document.begin(), document.end(),
                            [](char c) { return c >= '0' && c <= '9'; });
  }
  test::write_txt(folder_ / "text.txt", documents);
  EXPECT_EQ(pack(test::sources({folder_ / "text.txt"}), KnowsNoDigits(), options_, new_folder())
                .text.unknown_tokens,
            digits);
}

TEST_F(PackTest, NeedsASequenceInBothSplits) {
  options_.held_out_share = 0;
  const Error none = error_of([&] { test::PackedText(test::make_documents(50), options_); });
  EXPECT_EQ(none.code(), ErrorCode::kData);
  EXPECT_THAT(none.what(), HasSubstr("the 0 held-out of 50 documents are too little text"));
  EXPECT_THAT(none.hint(), HasSubstr("held_out_share"));
  options_.held_out_share = 1;
  EXPECT_THAT(error_of([&] { test::PackedText(test::make_documents(50), options_); }).what(),
              HasSubstr("the 0 training of 50 documents"));
  options_.held_out_share = 0.2;
  options_.sequence_length = 100'000;
  EXPECT_THAT(error_of([&] { test::PackedText(test::make_documents(50), options_); }).what(),
              HasSubstr("one sequence of 100,000 tokens"));
}

TEST_F(PackTest, RefusesTooManyBadRecordsAndCountsFewOnes) {
  const auto file = folder_ / "text.jsonl";
  {
    std::ofstream out(file);
    for (const std::string& document : test::make_documents(99)) {
      out << R"({"text": ")" << document << "\"}\n";
    }
    out << "{broken\n";
  }
  options_.max_bad_share = 0.001;
  const Error error =
      error_of([&] { pack(test::sources({file}), tokenizer_, options_, new_folder()); });
  EXPECT_EQ(error.code(), ErrorCode::kData);
  EXPECT_THAT(error.what(), HasSubstr("text.jsonl:100"));

  options_.max_bad_share = 0.01;
  const Manifest manifest = pack(test::sources({file}), tokenizer_, options_, new_folder());
  EXPECT_EQ(manifest.text.bad_records, 1);
  EXPECT_EQ(manifest.text.good_records, 99);
  EXPECT_THAT(manifest.text.bad_summary, HasSubstr("text.jsonl:100"));
}

TEST_F(PackTest, RefusesTextThatChangesWhileItIsRead) {
  const auto file = folder_ / "text.txt";
  test::write_txt(file, test::make_documents(50));
  const auto files = test::sources({file});
  tokenizer_.on_encode = [&] { std::ofstream(file, std::ios::app) << "More.\n"; };
  EXPECT_THAT(error_of([&] { pack(files, tokenizer_, options_, new_folder()); }).what(),
              HasSubstr("changed while it was read"));
}

TEST_F(PackTest, StopsWhenAskedTo) {
  const auto file = folder_ / "text.txt";
  test::write_txt(file, test::make_documents(100'000));
  for (const int threads : {1, 3}) {
    options_.threads = threads;
    std::atomic<int> encoded{0};
    tokenizer_.on_encode = [&] {
      if (++encoded == 5000) interrupt::request_stop(SIGTERM);
    };
    const auto folder = new_folder();
    EXPECT_THROW(pack(test::sources({file}), tokenizer_, options_, folder), Interrupted);
    EXPECT_FALSE(std::filesystem::exists(folder / Manifest::kFileName));
    EXPECT_LT(encoded, 100'000);
    interrupt::clear();
  }
}

TEST_F(PackTest, CountsDocumentsThatWereCleaned) {
  Documents documents = test::make_documents(100);
  documents[7] += " soft\u00ADhyphen";
  documents[30] += " cafe\u0301";
  EXPECT_EQ(test::PackedText(documents, options_).manifest.text.cleaned_documents, 0);
  options_.read.clean_unicode = true;
  EXPECT_EQ(test::PackedText(documents, options_).manifest.text.cleaned_documents, 2);
}

TEST_F(PackTest, EstimatesTheSizeOfTheResult) {
  const auto file = folder_ / "text.txt";
  test::write_txt(file, test::make_documents(5000));
  const auto folder = new_folder();
  pack(test::sources({file}), tokenizer_, options_, folder);
  std::uintmax_t bytes = 0;
  for (const auto& [name, content] : test::contents(folder)) bytes += content.size();
  const auto estimate =
      static_cast<double>(estimate_bytes(test::sources({file}), tokenizer_, options_));
  EXPECT_NEAR(estimate, static_cast<double>(bytes), 0.05 * static_cast<double>(bytes));
}

TEST_F(PackTest, RefusesBeforehandWhatCannotFitOnTheDisk) {
  const auto file = folder_ / "text.txt";
  test::write_txt(file, test::make_documents(100'000));
  // Far larger than the disk, and no room taken: the file is sparse.
  std::filesystem::resize_file(file, free_disk_bytes(folder_.path()) + (std::uint64_t{1} << 40));
  int encoded = 0;
  tokenizer_.on_encode = [&] { ++encoded; };
  const Error error =
      error_of([&] { pack(test::sources({file}), tokenizer_, options_, new_folder()); });
  EXPECT_EQ(error.code(), ErrorCode::kStorage);
  EXPECT_THAT(error.what(), HasSubstr("left"));
  EXPECT_LT(encoded, 100'000);
}

TEST_F(PackTest, TheDescriptionChangesWithAllThatMatters) {
  const auto file = folder_ / "text.txt";
  test::write_txt(file, test::make_documents(10));
  const auto describe = [&] {
    return describe_corpus(test::sources({file}), tokenizer_, options_);
  };
  std::set<std::string> seen = {describe()};
  const auto changes = [&](auto& value, const auto& other) {
    const auto before = value;
    value = other;
    EXPECT_TRUE(seen.insert(describe()).second) << describe();
    value = before;
  };
  changes(options_.sequence_length, 64);
  changes(options_.separator, false);
  changes(options_.start_token, true);
  changes(options_.held_out_share, 0.3);
  changes(options_.seed, 1U);
  changes(options_.read.text_field, "body");
  changes(options_.read.txt_documents, text::TxtDocuments::kFile);
  changes(options_.read.min_document_bytes, 10);
  changes(options_.read.max_document_bytes, 1000);
  changes(options_.read.clean_unicode, true);
  changes(options_.read.join_records, std::vector<std::int64_t>{2});
  options_.threads = 7;
  options_.max_bad_share = 0.5;
  options_.shard_bytes = 1000;
  EXPECT_TRUE(seen.contains(describe())) << "threads and the like change nothing";
  EXPECT_TRUE(
      seen.insert(describe_corpus(test::sources({file}), test::FakeTokenizer(6), options_)).second);

  // A copy elsewhere is the same text; a touched, grown or renamed file may be another.
  make_folders(folder_ / "elsewhere");
  const auto copy = folder_ / "elsewhere" / "text.txt";
  std::filesystem::copy_file(file, copy);
  std::filesystem::last_write_time(copy, std::filesystem::last_write_time(file));
  EXPECT_TRUE(seen.contains(describe_corpus(test::sources({copy}), tokenizer_, options_)));
  std::filesystem::last_write_time(
      copy, std::filesystem::last_write_time(file) + std::chrono::microseconds(1));
  EXPECT_FALSE(seen.contains(describe_corpus(test::sources({copy}), tokenizer_, options_)));
  std::filesystem::rename(file, folder_ / "other.txt");
  EXPECT_FALSE(
      seen.contains(describe_corpus(test::sources({folder_ / "other.txt"}), tokenizer_, options_)));
}

}  // namespace
}  // namespace cram::corpus
