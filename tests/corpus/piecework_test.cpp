// Packing in pieces: after an interruption, and by several at once.
#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "cram/base/error.h"
#include "cram/corpus/pack.h"

#include "corpus/packing_fixture.h"

namespace cram::corpus {
namespace {

class PieceworkTest : public test::PackingTest {
 protected:
  // The pieces of 500 documents, all done.
  std::vector<text::SourceFile> encode(const std::filesystem::path& folder) {
    test::write_txt(file_, test::make_documents(500));
    auto sources = test::sources({file_});
    encode_pieces(sources, tokenizer_, options_, folder, [] { return false; });
    return sources;
  }

  const std::filesystem::path file_ = folder_ / "text.txt";
};

TEST_F(PieceworkTest, GoesOnBehindTheLastChunk) {
  const auto file = folder_ / "text.txt";
  const int documents = 100'000;
  test::write_txt(file, test::make_documents(documents));
  const auto whole = new_folder();
  pack(test::sources({file}), tokenizer_, options_, whole);

  options_.pieces.chunk_bytes = 100'000;
  const auto folder = new_folder();
  std::atomic<int> encoded{0};
  tokenizer_.on_encode = [&] {
    if (++encoded == documents / 2) interrupt::request_stop(SIGTERM);
  };
  EXPECT_THROW(pack(test::sources({file}), tokenizer_, options_, folder), Interrupted);
  interrupt::clear();
  const int before = encoded.exchange(0);
  tokenizer_.on_encode = [&] { ++encoded; };
  // One of the chunks was damaged meanwhile: it and those behind it are made anew.
  std::filesystem::path pieces = folder;
  pieces += ".pieces";
  std::filesystem::resize_file(pieces / "00000-00001.00001.1.chunk", 1000);
  pack(test::sources({file}), tokenizer_, options_, folder);
  EXPECT_GT(before + encoded, documents);
  EXPECT_LT(encoded, documents) << "the first chunk was not used";
  EXPECT_EQ(test::contents(folder), test::contents(whole));
  EXPECT_FALSE(std::filesystem::exists(pieces));
}

TEST_F(PieceworkTest, MakesADamagedPieceAnewAtTheNextTry) {
  const auto folder = new_folder();
  const auto sources = encode(folder);
  std::filesystem::path pieces = folder;
  pieces += ".pieces";
  std::filesystem::resize_file(pieces / "00000-00001.00000.1.last", 1000);
  try {
    pack(sources, tokenizer_, options_, folder);
    FAIL() << "packed a damaged piece";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("damaged, and now removed"));
  }
  const auto again = new_folder();
  std::filesystem::path moved = again;
  std::filesystem::rename(pieces, moved += ".pieces");
  const Manifest manifest = pack(sources, tokenizer_, options_, again);
  EXPECT_EQ(manifest.training.documents + manifest.held_out.documents, 500);
}

TEST_F(PieceworkTest, MakesADamagedPieceAnewBeforeItIsNeeded) {
  const auto folder = new_folder();
  const auto sources = encode(folder);
  std::filesystem::path last = folder;
  last += ".pieces/00000-00001.00000.1.last";
  const std::string whole = read_file(last);
  std::filesystem::resize_file(last, 1000);
  int encoded = 0;
  tokenizer_.on_encode = [&] { ++encoded; };
  encode_pieces(sources, tokenizer_, options_, folder, [] { return false; });
  EXPECT_EQ(read_file(last), whole);
  EXPECT_GE(encoded, 500);
}

TEST_F(PieceworkTest, RefusesPiecesOfTextThatChangedSince) {
  const auto folder = new_folder();
  const auto sources = encode(folder);
  std::ofstream(file_, std::ios::app) << "More.\n";
  EXPECT_THROW(pack(sources, tokenizer_, options_, folder), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / Manifest::kFileName));
}

TEST_F(PieceworkTest, BadRecordsCountByAllOfTheText) {
  const auto good = folder_ / "good.jsonl";
  const auto bad = folder_ / "with-bad-ones.jsonl";
  for (const auto& [path, broken] : {std::pair(good, 0), std::pair(bad, 10)}) {
    std::ofstream out(path);
    for (const std::string& document : test::make_documents(2000)) {
      out << R"({"text": ")" << document << "\"}\n";
    }
    for (int i = 0; i < broken; ++i) out << "{\n";
  }
  options_.pieces.piece_bytes = 1;
  options_.max_bad_share = 0.003;  // of the second file alone it would be 0.005
  const auto sources = test::sources({good, bad});
  const Manifest manifest = pack(sources, tokenizer_, options_, new_folder());
  EXPECT_EQ(manifest.text.bad_records, 10);
  EXPECT_EQ(manifest.text.good_records, 4000);
  options_.max_bad_share = 0.002;
  EXPECT_THROW(pack(sources, tokenizer_, options_, new_folder()), Error);
}

TEST_F(PieceworkTest, EveryPieceIsEncodedOnceByThoseThatShareThem) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 10; ++i) {
    files.push_back(folder_ / ("text" + std::to_string(i) + ".txt"));
    test::write_txt(files.back(), test::make_documents(1000 + i));
  }
  const auto sources = test::sources(files);
  const auto alone = new_folder();
  pack(sources, tokenizer_, options_, alone);

  options_.pieces.piece_bytes = 100'000;
  std::atomic<int> encoded{0};
  tokenizer_.on_encode = [&] { ++encoded; };
  const auto folder = new_folder();
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < 3; ++number) {
    threads.emplace_back([&, number] {
      PackOptions options = options_;
      options.pieces.part = {.number = number, .count = 3};
      encode_pieces(sources, tokenizer_, options, folder, [] { return false; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(encoded, 10'045);
  pack(sources, tokenizer_, options_, folder);
  EXPECT_EQ(encoded, 10'045);
  EXPECT_EQ(test::contents(folder), test::contents(alone));
}

}  // namespace
}  // namespace cram::corpus
