#include "cram/train/batch_stream.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include <ATen/ops/from_blob.h>

#include "cram/optim/schedule.h"

namespace cram::train {
namespace {

constexpr int kBatchesAhead = 4;

// A tensor over the vector's memory, which it keeps alive.
at::Tensor adopt(std::vector<std::int64_t> values, at::IntArrayRef shape,
                 const at::Device& device) {
  auto owner = std::make_shared<std::vector<std::int64_t>>(std::move(values));
  const at::Tensor tensor = at::from_blob(
      owner->data(), shape, [owner](void*) {}, at::TensorOptions(at::kLong));
  if (device.is_cpu()) return tensor;
  return tensor.pin_memory().to(device, /*non_blocking=*/true);
}

}  // namespace

model::MaskedInput to_tensors(corpus::MaskedBatch batch, const at::Device& device) {
  const std::int64_t length = batch.length;
  return to_tensors(std::move(batch), device, length);
}

model::MaskedInput to_tensors(corpus::MaskedBatch batch, const at::Device& device,
                              std::int64_t length) {
  const auto masked = static_cast<std::int64_t>(batch.positions.size());
  const std::array shape{batch.sequences * batch.length / length, length};
  at::Tensor documents;
  if (!batch.documents.empty()) documents = adopt(std::move(batch.documents), shape, device);
  // Positions are flat: they name the same tokens however the rows are cut.
  return {adopt(std::move(batch.ids), shape, device),
          adopt(std::move(batch.positions), {masked}, device),
          adopt(std::move(batch.targets), {masked}, device), documents};
}

BatchStream::BatchStream(const recipe::Recipe& recipe, const corpus::BatchMaker& maker,
                         const at::Device& device, std::int64_t micro_batch, const Position& start)
    : recipe_(&recipe),
      meter_(recipe.budget),
      device_(device),
      micro_batch_(micro_batch),
      prefetcher_(maker, kBatchesAhead),
      planned_(plan(start)) {
  request(planned_);
}

UpdatePlan BatchStream::begin_update(const Position& position) {
  current_ = planned_;
  Position after = position;
  after.step += 1;
  after.sequences += current_.sequences();
  after.tokens += current_.sequences() * recipe_->sequence.length;
  planned_ = plan(after);
  request(planned_);
  return current_;
}

model::MaskedInput BatchStream::next() {
  return to_tensors(prefetcher_.next(), device_, current_.length);
}

UpdatePlan BatchStream::plan(const Position& position) const {
  const double share = meter_.share(position);
  const std::int64_t size = optim::batch_size(recipe_->batch, micro_batch_, share);
  return {.first_sequence = position.sequences,
          .micro_batch = micro_batch_,
          .micro_batches = size / micro_batch_,
          .length = optim::sequence_length(recipe_->sequence, share),
          .masking_rate = optim::masking_rate(recipe_->objective, share)};
}

void BatchStream::request(const UpdatePlan& plan) {
  for (std::int64_t i = 0; i < plan.micro_batches; ++i) {
    prefetcher_.request(
        {plan.first_sequence + i * plan.micro_batch, plan.micro_batch, plan.masking_rate});
  }
}

}  // namespace cram::train
