#include "cram/train/text_score.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/base/error.h"
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

  [[nodiscard]] Score score_with(const std::vector<std::string>& overrides) const {
    TextScoreOptions options = text();
    options.max_tokens = 4000;
    return score_text(model(overrides), options).score;
  }

  // The paragraphs of text.txt that are, or are not, held out of the recipe's training.
  [[nodiscard]] std::vector<std::string> paragraphs(bool held_out) const {
    std::vector<std::string> found;
    std::istringstream lines(read_file(run_.folder / "text.txt"));
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && corpus::is_held_out(line, 0.1, 0) == held_out) found.push_back(line);
    }
    return found;
  }

  void write(const std::string& file, const std::vector<std::string>& paragraphs) const {
    std::string all;
    for (const std::string& paragraph : paragraphs) all += paragraph + "\n\n";
    write_file_atomic(run_.folder / file, all);
  }

  SmallRun run_;
};

TEST_F(TextScoreTest, IsOfTheTextThatIsAskedFor) {
  const Score score = score_with({});
  EXPECT_EQ(score.sequences, 4000 / 16);
  EXPECT_EQ(score.masked_tokens, 4000 / 16 * 2);  // round(0.15 * 16) a sequence
}

TEST_F(TextScoreTest, LetsTokensSeeWhatTheyDidInTraining) {
  const Score all = score_with({}), own = score_with({"sequence.document_mask=true"});
  EXPECT_EQ(all.masked_tokens, own.masked_tokens);
  EXPECT_NE(all.loss, own.loss);
}

TEST_F(TextScoreTest, IsOfHeldOutDocumentsAloneWhereTheyAreAskedFor) {
  const LoadedModel loaded = model();
  TextScoreOptions of_all = text();
  of_all.held_out_only = true;
  write("held-out.txt", paragraphs(true));
  const TextScore chosen = score_text(loaded, of_all),
                  alone = score_text(loaded, text("held-out.txt"));
  EXPECT_GT(chosen.score.masked_tokens, 50);
  EXPECT_EQ(chosen.score.masked_tokens, alone.score.masked_tokens);
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
    EXPECT_THAT(error.what(), testing::HasSubstr("no held-out text in "));
  }
}

TEST_F(TextScoreTest, JoinsRecordsOfTheRecipesOwnSourcesAsItDoes) {
  write("joined.txt", {"one two", "three four"});
  const std::string sources = "data.sources=[" + (run_.folder / "text.txt").string() + "," +
                              (run_.folder / "joined.txt").string() + "]";
  const auto tokens = [&](const std::string& joins) {
    const LoadedModel loaded = model({sources, "data.join_records=" + joins});
    TextScoreOptions options = text("joined.txt");
    options.masking_rate = 0.999;
    return score_text(loaded, options).score.masked_tokens;
  };
  EXPECT_EQ(tokens("[1, 1]"), tokens("[1, 2]") + 1) << "a document less to be closed";
}

TEST_F(TextScoreTest, TellsTheBitsOfAByte) {
  const LoadedModel loaded = model();
  const TextScore whole = score_text(loaded, text());
  double bytes = 0;
  std::vector<tokenizer::TokenId> tokens;
  for (const bool held_out : {false, true}) {
    for (const std::string& paragraph : paragraphs(held_out)) {
      bytes += static_cast<double>(paragraph.size());
      loaded.tokenizer->encode(paragraph, tokens);
    }
  }
  const double bits = whole.score.loss / std::log(2.0) * static_cast<double>(tokens.size());
  EXPECT_NEAR(whole.bits_per_byte, bits / bytes, 1e-9);
}

}  // namespace
}  // namespace cram::train
