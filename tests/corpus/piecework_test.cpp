// Packing in pieces: after an interruption, and by several at once.
#include <atomic>
#include <csignal>
#include <thread>

#include "cram/corpus/pack.h"

#include "corpus/packing_fixture.h"

namespace cram::corpus {
namespace {

class PieceworkTest : public test::PackingTest {};

TEST_F(PieceworkTest, GoesOnBehindTheLastChunk) {
  const auto file = folder_ / "text.txt";
  const int documents = 20'000;
  test::write_txt(file, test::make_documents(documents));
  const auto whole = new_folder();
  pack(test::sources({file}), tokenizer_, options_, whole);

  options_.chunk_bytes = 100'000;
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

TEST_F(PieceworkTest, EveryPieceIsEncodedOnceByThoseThatShareThem) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 10; ++i) {
    files.push_back(folder_ / ("text" + std::to_string(i) + ".txt"));
    test::write_txt(files.back(), test::make_documents(1000 + i));
  }
  const auto sources = test::sources(files);
  const auto alone = new_folder();
  pack(sources, tokenizer_, options_, alone);

  options_.piece_bytes = 100'000;
  std::atomic<int> encoded{0};
  tokenizer_.on_encode = [&] { ++encoded; };
  const auto folder = new_folder();
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < 3; ++number) {
    threads.emplace_back([&, number] {
      PackOptions options = options_;
      options.part = {.number = number, .count = 3};
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
