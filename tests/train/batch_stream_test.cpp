#include "cram/train/batch_stream.h"

#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>

#include "small_run.h"

namespace cram::train {
namespace {

using test::SmallRun;

// The ids of the first `updates` updates, starting at `start`.
at::Tensor stream_ids(const recipe::Recipe& recipe, const Data& data, std::int64_t micro_batch,
                      Position& position, int updates) {
  BatchStream stream(recipe, *data.training, at::kCPU, micro_batch, position);
  std::vector<at::Tensor> ids;
  for (int i = 0; i < updates; ++i) {
    const UpdatePlan plan = stream.begin_update(position);
    for (std::int64_t j = 0; j < plan.micro_batches; ++j) ids.push_back(stream.next().ids);
    position.step += 1;
    position.sequences += plan.sequences();
    position.tokens += plan.sequences() * recipe.sequence.length;
  }
  return at::cat(ids);
}

class BatchStreamTest : public testing::Test {
 protected:
  [[nodiscard]] Data open(const recipe::Recipe& recipe) const {
    return open_data(recipe, corpus::prepare(prepare_options(recipe)));
  }
  SmallRun run_;
};

TEST_F(BatchStreamTest, DoesNotDependOnTheMicroBatch) {
  const recipe::Recipe recipe = run_.recipe();
  const Data data = open(recipe);
  Position first, second;
  EXPECT_TRUE(
      at::equal(stream_ids(recipe, data, 2, first, 4), stream_ids(recipe, data, 8, second, 4)));
  EXPECT_EQ(first, second);
}

TEST_F(BatchStreamTest, GoesOnWhereAnotherStopped) {
  const recipe::Recipe recipe = run_.recipe({"objective.masking_rate_end=0.1", "batch.ramp=0.9"});
  const Data data = open(recipe);
  Position whole, part;
  const at::Tensor expected = stream_ids(recipe, data, 2, whole, 6);
  const at::Tensor head = stream_ids(recipe, data, 2, part, 2);
  const at::Tensor tail = stream_ids(recipe, data, 2, part, 4);
  EXPECT_TRUE(at::equal(at::cat({head, tail}), expected));
}

TEST_F(BatchStreamTest, DeliversIndicesThatFitTheirTensors) {
  const recipe::Recipe recipe = run_.recipe();
  const Data data = open(recipe);
  const Position start;
  BatchStream stream(recipe, *data.training, at::kCPU, 4, start);
  (void)stream.begin_update(start);
  const model::MaskedInput batch = stream.next();
  EXPECT_EQ(batch.ids.sizes(), at::IntArrayRef({4, 16}));
  EXPECT_EQ(batch.positions.numel(), 4 * 4);
  EXPECT_EQ(batch.targets.numel(), 4 * 4);
  EXPECT_GE(batch.positions.min().item<std::int64_t>(), 0);
  EXPECT_LT(batch.positions.max().item<std::int64_t>(), 4 * 16);
  EXPECT_LT(batch.ids.max().item<std::int64_t>(), data.corpus->vocab_size());
}

TEST_F(BatchStreamTest, CutsSequencesIntoShorterOnesAtFirst) {
  const recipe::Recipe whole = run_.recipe();
  const recipe::Recipe recipe = run_.recipe({"sequence.start_length=8", "sequence.growth=0.5"});
  const Data data = open(recipe);
  const Position start;
  BatchStream stream(recipe, *data.training, at::kCPU, 4, start);
  BatchStream plain(whole, *data.training, at::kCPU, 4, start);
  Position position;
  for (int step = 0; step < 12; ++step) {
    const UpdatePlan plan = stream.begin_update(position);
    (void)plain.begin_update(position);
    const std::int64_t length = step < 6 ? 8 : 16;
    EXPECT_EQ(plan.length, length) << step;
    for (std::int64_t i = 0; i < plan.micro_batches; ++i) {
      const model::MaskedInput cut = stream.next(), packed = plain.next();
      EXPECT_EQ(cut.ids.sizes(), at::IntArrayRef({4 * 16 / length, length})) << step;
      EXPECT_TRUE(at::equal(cut.ids.flatten(), packed.ids.flatten())) << step;
      EXPECT_TRUE(at::equal(cut.positions, packed.positions)) << step;
    }
    position.step += 1;
    position.sequences += plan.sequences();
    position.tokens += plan.sequences() * 16;
  }
}

TEST_F(BatchStreamTest, TellsDocumentsWhenTheyAreMasked) {
  const recipe::Recipe plain = run_.recipe();
  const recipe::Recipe masked = run_.recipe({"sequence.document_mask=true"});
  const recipe::Recipe growing = run_.recipe(
      {"sequence.document_mask=true", "sequence.start_length=8", "sequence.growth=0.5"});
  const auto first_of = [&](const recipe::Recipe& recipe, const Data& data) {
    BatchStream stream(recipe, *data.training, at::kCPU, 4, {});
    (void)stream.begin_update({});
    return stream.next();
  };
  const Data plain_data = open(plain), data = open(masked);
  EXPECT_FALSE(first_of(plain, plain_data).documents.defined());
  EXPECT_TRUE(plain_data.held_out->make_in_file_order(0, 4, 0.15).documents.empty());
  EXPECT_EQ(std::ssize(data.held_out->make_in_file_order(0, 4, 0.15).documents), 4 * 16);
  const at::Tensor whole = first_of(masked, data).documents;
  ASSERT_EQ(whole.sizes(), at::IntArrayRef({4, 16}));
  EXPECT_TRUE(at::equal(first_of(growing, data).documents, whole.view({8, 8})));
}

}  // namespace
}  // namespace cram::train
