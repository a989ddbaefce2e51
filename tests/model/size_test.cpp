#include "cram/model/size.h"

#include <gtest/gtest.h>

#include "cram/model/masked_lm.h"

#include "models.h"

namespace cram::model {
namespace {

std::int64_t parameters(const recipe::Model& model, const Shape& shape = {}) {
  return count_parameters(model, shape).total;
}

// Counts measured on the reference implementation of the Cramming paper and on Hugging Face's
// BertForMaskedLM, all with a vocabulary of 32,768.
TEST(ParameterCount, IsThatOfTheReferenceImplementations) {
  EXPECT_EQ(parameters(test::crammed_bert()), 119'589'889);
  EXPECT_EQ(count_parameters(test::crammed_bert(), {}).total - 32768 * 768, 94'424'065);
  EXPECT_EQ(parameters(test::original_bert()), 111'241'472);
  EXPECT_EQ(parameters(test::crammed_bert_simple()), 110'945'024);
  EXPECT_EQ(parameters(test::izsak_large()), 337'081'344);

  recipe::Model bamboo = test::crammed_bert();
  bamboo.layers = 48;
  bamboo.hidden_size = 384;
  bamboo.intermediate_size = 768;
  bamboo.heads = 6;
  EXPECT_EQ(parameters(bamboo), 83'437'057);

  recipe::Model tiny = test::original_bert();
  tiny.layers = 2;
  tiny.hidden_size = 128;
  tiny.heads = 2;
  tiny.intermediate_size = 512;
  EXPECT_EQ(parameters(tiny), 4'706'432);
}

TEST(ParameterCount, AgreesWithTheWeightsThatAreBuilt) {
  const Shape shape{16, 50};
  for (recipe::Model model : {test::small(test::crammed_bert()), test::small(test::original_bert()),
                              test::small(test::izsak_large())}) {
    for (const bool tied : {true, false}) {
      model.tie_decoder = tied;
      const MaskedLanguageModel built(model, shape, {}, 0);
      std::int64_t total = 0;
      for (const ops::WeightPtr& weight : built.weights()) total += weight->master.numel();
      EXPECT_EQ(total, parameters(model, shape));
    }
    model.embedding_size = 12;
    model.head_transform = recipe::HeadTransform::kBert;
    model.value_residual = model.input_shortcut = true;
    const MaskedLanguageModel narrow(model, shape, {}, 0);
    std::int64_t total = 0;
    for (const ops::WeightPtr& weight : narrow.weights()) total += weight->master.numel();
    EXPECT_EQ(total, parameters(model, shape));
  }
}

// 622.9 MFLOP a token when the head alone is sparse (reference: 566.2 layers + 18.9 attention
// + 37.7 head); ours is less by what the last layer skips.
TEST(TrainingFlops, CountTheProductsThatAreExecuted) {
  const double last_layer_rest = 6.0 * (768 * 768 + 768 * 3072 + 1536 * 768);
  const double dense = training_flops_per_token(test::crammed_bert(), {}, 0.25);
  EXPECT_NEAR(dense + 0.75 * last_layer_rest, 622.9e6, 0.2e6);
}

}  // namespace
}  // namespace cram::model
