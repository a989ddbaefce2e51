#include "cram/train/text_score.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/corpus/masking.h"
#include "cram/corpus/pack.h"

#include "small_run.h"

namespace cram::train {
namespace {

using test::SmallRun;

class TextScoreTest : public testing::Test {
 protected:
  // With fresh weights, the same for all.
  [[nodiscard]] LoadedModel model(const std::vector<std::string>& overrides = {}) const {
    const recipe::Recipe recipe = run_.recipe(overrides);
    const corpus::Prepared prepared = corpus::prepare(prepare_options(recipe));
    Engine engine = set_up_engine(recipe, prepared.tokenizer->vocab_size());
    return {recipe, prepared.tokenizer, std::move(engine.model)};
  }

  [[nodiscard]] TextScoreOptions text(const std::string& file = "text.txt") const {
    TextScoreOptions options;
    options.sources = {(run_.folder / file).string()};
    return options;
  }

  [[nodiscard]] std::vector<std::string> paragraphs() const {
    std::vector<std::string> found;
    std::istringstream lines(read_file(run_.folder / "text.txt"));
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) found.push_back(line);
    }
    return found;
  }

  // Those that are, or are not, held out of the recipe's training.
  [[nodiscard]] std::vector<std::string> paragraphs(bool held_out) const {
    std::vector<std::string> found = paragraphs();
    std::erase_if(found, [&](const std::string& paragraph) {
      return corpus::is_held_out(paragraph, 0.1, 0) != held_out;
    });
    return found;
  }

  void write(const std::string& file, const std::vector<std::string>& paragraphs) const {
    std::string all;
    for (const std::string& paragraph : paragraphs) all += paragraph + "\n\n";
    write_file_atomic(run_.folder / file, all);
  }

  SmallRun run_;
};

TEST_F(TextScoreTest, IsOfAllTokensOfTheText) {
  const LoadedModel loaded = model();
  const TextScore whole = score_text(loaded, text());
  std::int64_t bytes = 0, tokens = 0;
  for (const std::string& paragraph : paragraphs()) {
    bytes += std::ssize(paragraph);
    tokens += std::ssize(loaded.tokenizer->encode(paragraph)) + 1;  // [SEP]
  }
  EXPECT_EQ(whole.bytes, bytes);
  EXPECT_EQ(whole.score.sequences, (tokens + 15) / 16);
  EXPECT_EQ(whole.score.masked_tokens,
            tokens / 16 * 2 + corpus::Masking::count(0.15, tokens % 16));  // round(0.15 * 16)
  const double bits = whole.score.loss / std::log(2.0) * static_cast<double>(tokens);
  EXPECT_NEAR(whole.bits_per_byte, bits / static_cast<double>(bytes), 1e-9);
}

TEST_F(TextScoreTest, LetsTokensSeeWhatTheyDidInTraining) {
  const TextScore all = score_text(model(), text()),
                  own = score_text(model({"sequence.document_mask=true"}), text());
  EXPECT_EQ(all.score.masked_tokens, own.score.masked_tokens);
  EXPECT_EQ(all.text_hash, own.text_hash);
  EXPECT_NE(all.score.loss, own.score.loss);
}

TEST_F(TextScoreTest, TakesTheSameTextForEachVocabulary) {
  TextScoreOptions some = text();
  some.max_bytes = 5000;
  const TextScore large = score_text(model(), some),
                  small = score_text(model({"tokenizer.vocab_size=90"}), some);
  EXPECT_GT(small.score.masked_tokens, large.score.masked_tokens);
  EXPECT_EQ(small.text_hash, large.text_hash);
  EXPECT_EQ(small.bytes, large.bytes);
  EXPECT_NE(large.text_hash, score_text(model(), text()).text_hash);
}

TEST_F(TextScoreTest, TakesAnEqualPartOfEachSource) {
  std::filesystem::create_directories(run_.folder / "two-files");
  const auto paragraphs = [](std::size_t count, std::size_t bytes) {
    return std::vector<std::string>(count, std::string(bytes, 'a'));
  };
  write("two-files/a.txt", paragraphs(5, 100));
  write("two-files/b.txt", paragraphs(50, 100));
  write("short.txt", paragraphs(3, 90));
  write("long.txt", paragraphs(100, 90));
  TextScoreOptions options;
  for (const char* source : {"two-files", "short.txt", "long.txt"}) {
    options.sources.push_back((run_.folder / source).string());
  }
  options.max_bytes = 3000;
  EXPECT_EQ(score_text(model(), options).bytes, 10 * 100 + 3 * 90 + 12 * 90);
  options.max_bytes = 1;
  EXPECT_EQ(score_text(model(), options).bytes, 100 + 90 + 90) << "a document of each";
}

TEST_F(TextScoreTest, ReadsNoFileBeyondWhatItWants) {
  std::filesystem::create_directories(run_.folder / "some");
  write("some/a.txt", {"one two three"});
  write_file_atomic(run_.folder / "some/b.jsonl", "nonsense\nnonsense\n");
  TextScoreOptions options = text("some");
  options.max_bytes = 5;
  EXPECT_EQ(score_text(model(), options).bytes, 13);
  options.max_bytes = 50;
  EXPECT_THROW((void)score_text(model(), options), Error);
}

TEST_F(TextScoreTest, IsOfHeldOutDocumentsAloneWhereTheyAreAskedFor) {
  const LoadedModel loaded = model();
  TextScoreOptions of_all = text();
  of_all.held_out_only = true;
  write("held-out.txt", paragraphs(true));
  const TextScore chosen = score_text(loaded, of_all),
                  alone = score_text(loaded, text("held-out.txt"));
  EXPECT_GT(chosen.score.masked_tokens, 50);
  EXPECT_EQ(chosen.text_hash, alone.text_hash);
  EXPECT_EQ(chosen.score.loss, alone.score.loss);
  EXPECT_EQ(chosen.bits_per_byte, alone.bits_per_byte);
}

TEST_F(TextScoreTest, RefusesATextOfWhichNothingIsHeldOut) {
  write("training.txt", paragraphs(false));
  TextScoreOptions options = text("training.txt");
  options.held_out_only = true;
  try {
    (void)score_text(model(), options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), testing::HasSubstr("no document is held out in "));
  }
}

TEST_F(TextScoreTest, RefusesToGuessWhatWasHeldOut) {
  LoadedModel loaded = model();
  TextScoreOptions options = text();
  options.held_out_only = true;
  const auto refusal = [&] {
    try {
      (void)score_text(loaded, options);
    } catch (const Error& error) {
      return std::string(error.code() == ErrorCode::kUsage ? error.what() : "another error");
    }
    return std::string("none");
  };
  EXPECT_EQ(refusal(), "none");
  loaded.recipe.data.join_records = {2};
  EXPECT_THAT(refusal(), testing::HasSubstr("data.join_records"));
  loaded.recipe.data.join_records = {1};
  EXPECT_EQ(refusal(), "none");
  loaded.recipe.selection.substring_bytes = 75;
  EXPECT_THAT(refusal(), testing::HasSubstr("selection.substring_bytes"));
  loaded.recipe.selection.substring_bytes.reset();
  loaded.recipe.model.from = "there";
  EXPECT_THAT(refusal(), testing::HasSubstr("model.from"));
  loaded.recipe.model.from.clear();
  loaded.recipe.data.sources.clear();
  EXPECT_THAT(refusal(), testing::HasSubstr("data.sources is empty"));
  options.held_out_only = false;
  EXPECT_EQ(refusal(), "none");
}

}  // namespace
}  // namespace cram::train
