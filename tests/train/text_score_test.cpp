#include "cram/train/text_score.h"

#include <gtest/gtest.h>

#include "small_run.h"

namespace cram::train {
namespace {

using test::SmallRun;

class TextScoreTest : public testing::Test {
 protected:
  // Of fresh weights, the same for all.
  [[nodiscard]] Score score_with(const std::vector<std::string>& overrides) const {
    const recipe::Recipe recipe = run_.recipe(overrides);
    const corpus::Prepared prepared = corpus::prepare(prepare_options(recipe));
    Engine engine = set_up_engine(recipe, prepared.tokenizer->vocab_size());
    const LoadedModel model{recipe, prepared.tokenizer, std::move(engine.model)};
    return score_text(model, {.sources = {(run_.folder / "text.txt").string()},
                              .text_field = {},
                              .masking_rate = 0.15,
                              .max_tokens = 4000});
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

}  // namespace
}  // namespace cram::train
