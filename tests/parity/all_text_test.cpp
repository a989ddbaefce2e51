// Ids of each kind of tokenizer on all the shared text, against Hugging Face's packages: every 50th
// line of it, or with CRAM_PARITY_EVERY=1 all two million lines, which takes hours.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cram/text/document.h"
#include "cram/text/sources.h"
#include "cram/text/utf8.h"
#include "cram/tokenizer/train.h"

#include "tokenizer/oracle.h"
#include "tokenizer/parity_texts.h"

namespace cram::tokenizer {
namespace {

namespace fs = std::filesystem;
using cram::test::TempFolder;
using test::ask_oracle;
using test::kNoOracle;
using test::shared;
using OnLine = std::function<void(std::string_view)>;

void for_each_line(std::string_view text, const OnLine& on_line) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    on_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void read_documents(const fs::path& path, const std::string& field, const OnLine& on_line) {
  text::ReadOptions options;
  options.text_field = field;
  text::BadRecords bad;
  for (const text::SourceFile& file : text::find_sources({path.string()})) {
    const auto reader = text::open_documents(file, options, bad);
    while (const auto document = reader->next()) for_each_line(document->text, on_line);
  }
}

void read_file_lines(const fs::path& path, const OnLine& on_line) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) on_line(line);
}

void read_shared_text(const OnLine& on_line) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(shared(""))) {
    const fs::path& path = entry.path();
    const std::string extension = path.extension();
    if (extension == ".txt" || extension == ".tsv") {
      read_file_lines(path, on_line);
    } else if (path.parent_path().filename() == "mnli" && extension == ".parquet") {
      for (const char* field : {"premise", "hypothesis"}) read_documents(path, field, on_line);
    } else if (extension == ".parquet" || extension == ".zst") {
      read_documents(path, "text", on_line);
    }
  }
}

// Every n-th line of it.
std::vector<std::string> shared_lines(std::size_t every) {
  std::vector<std::string> lines;
  std::size_t number = 0;
  read_shared_text([&](std::string_view line) {
    if (number++ % every == 0) lines.push_back(text::repair_utf8(std::string(line)));
  });
  return lines;
}

std::size_t every_nth() {
  const char* given = std::getenv("CRAM_PARITY_EVERY");
  return given == nullptr ? 50 : std::max<std::size_t>(1, std::strtoul(given, nullptr, 10));
}

std::string at(const TempFolder& folder) { return "--folder '" + folder.path().string() + "'"; }

// A new tokenizer in `folder`, or the given vocabulary; false without Python.
bool make_tokenizer(const std::string& kind, const std::vector<std::string>& corpus,
                    const TempFolder& folder) {
  if (kind == "unigram" || kind == "bpe") {
    TrainOptions options{.vocab_size = 8000};
    options.algorithm = kind == "bpe" ? Algorithm::kBpe : Algorithm::kUnigram;
    std::size_t next = 0;
    train_tokenizer(options, [&]() -> std::optional<std::string> {
      if (next == corpus.size()) return std::nullopt;
      return corpus[next++];
    })->save(folder.path());
    return true;
  }
  if (kind == "bert") {
    load_tokenizer(shared("tokenizers/bert-base-uncased-vocab.txt"), {})->save(folder.path());
    return true;
  }
  const std::string command = kind == "crammed" ? "train-wordpiece" : "train-bpe";
  const std::string options = "--vocab-size 20000 --form " + kind + " " + at(folder);
  return ask_oracle(command, corpus, options).has_value();
}

// Which of the texts have other ids than with Hugging Face; nothing without Python.
std::optional<std::vector<std::string>> different(const Tokenizer& tokenizer,
                                                  const std::vector<std::string>& texts,
                                                  const TempFolder& folder) {
  constexpr std::size_t kBatch = 20'000;
  std::vector<std::string> others;
  for (std::size_t begin = 0; begin < texts.size(); begin += kBatch) {
    const std::size_t end = std::min(begin + kBatch, texts.size());
    const std::vector<std::string> batch(texts.begin() + static_cast<std::ptrdiff_t>(begin),
                                         texts.begin() + static_cast<std::ptrdiff_t>(end));
    const auto expected = ask_oracle("encode", batch, at(folder));
    if (!expected) return std::nullopt;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto ids = expected->at(i).get<std::vector<TokenId>>();
      if (tokenizer.encode(batch[i]) != ids) others.push_back(batch[i].substr(0, 200));
    }
  }
  return others;
}

class AllText : public testing::TestWithParam<const char*> {};

TEST_P(AllText, GetsTheIdsOfHuggingFace) {
  if (!fs::exists(shared("wikipedia"))) GTEST_SKIP() << "no shared data";
  const std::string kind = GetParam();
  const std::vector<std::string> lines = shared_lines(every_nth());
  ASSERT_GT(lines.size(), 10'000U);
  const TempFolder folder;
  if (!make_tokenizer(kind, test::real_lines(1500), folder)) GTEST_SKIP() << kNoOracle;
  const auto others = different(*load_tokenizer(folder.path(), {}), lines, folder);
  if (!others) GTEST_SKIP() << kNoOracle;
  // SentencePiece adds the scores of unigrams in single precision, Hugging Face in double: of ways
  // to cut a text that score the same, "6 66" and "66 6", each takes the one that rounding favours.
  const std::size_t allowed = kind == "unigram" ? lines.size() / 1000 : 0;
  EXPECT_LE(others->size(), allowed)
      << "of " << lines.size() << ", such as: " << (others->empty() ? "" : others->front());
}

INSTANTIATE_TEST_SUITE_P(Kinds, AllText,
                         testing::Values("bert", "crammed", "roberta", "modernbert", "unigram",
                                         "bpe"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace cram::tokenizer
