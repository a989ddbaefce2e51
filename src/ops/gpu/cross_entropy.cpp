#include "cross_entropy.h"

#include <algorithm>

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include "../autograd.h"
#include "kernels.h"

namespace cram::ops::gpu {
namespace {

// Large enough for products at full speed, and for few passes over the decoder's gradient.
constexpr std::int64_t kTileBytes = std::int64_t{256} << 20;

struct Tile {
  const Decoder& head;
  LossGradients& gradients;
  at::Tensor logits;  // [rows of a tile, V rounded up]
  at::Tensor losses, correct;

  void run(const at::Tensor& hidden, const at::Tensor& targets, std::int64_t first) const {
    const std::int64_t rows = hidden.size(0);
    const at::Tensor& decoder = head.weight->compute;
    at::Tensor z = logits.narrow(0, 0, rows).narrow(1, 0, decoder.size(0));
    at::mm_out(z, hidden, decoder.t());
    kernels_of(GpuKernel::kLoss)
        .loss({element(z), rows, z.size(1), z.stride(0), data(z), data(compute_of(head.bias)),
               data<std::int64_t>(targets), static_cast<float>(head.options.softcap),
               gradients.hidden.defined(), data<float>(losses) + first,
               data<std::uint8_t>(correct) + first, stream(z)});
    if (gradients.hidden.defined()) add_gradients(z, hidden, first);
  }

 private:
  void add_gradients(const at::Tensor& dz, const at::Tensor& hidden, std::int64_t first) const {
    at::Tensor rows = gradients.hidden.narrow(0, first, hidden.size(0));
    at::mm_out(rows, dz, head.weight->compute);
    at::addmm_out(gradients.decoder, gradients.decoder, dz.t(), hidden, at::kFloat);
    if (head.bias) gradients.bias.add_(dz.sum(0, false, at::kFloat));
  }
};

}  // namespace

bool sums_loss(const at::Tensor& hidden, const Decoder& head) {
  return head.options.z_loss == 0 && handles(GpuKernel::kLoss, hidden);
}

LossSums loss(const at::Tensor& hidden, const at::Tensor& targets, const Decoder& head,
              LossGradients& gradients) {
  const std::int64_t count = hidden.size(0), vocabulary = head.weight->compute.size(0);
  const std::int64_t stride = (vocabulary + cuda::kVector - 1) / cuda::kVector * cuda::kVector;
  const std::int64_t in_tile = std::clamp<std::int64_t>(
      kTileBytes / (stride * static_cast<std::int64_t>(hidden.element_size())), 1, count);
  const Tile tile{head, gradients, at::empty({in_tile, stride}, hidden.options()),
                  at::empty({count}, hidden.options().dtype(at::kFloat)),
                  at::empty({count}, hidden.options().dtype(at::kByte))};
  for (std::int64_t first = 0; first < count; first += in_tile) {
    const std::int64_t rows = std::min(in_tile, count - first);
    tile.run(hidden.narrow(0, first, rows), targets.narrow(0, first, rows), first);
  }
  return {tile.losses.sum(), tile.correct.sum(at::kLong)};
}

}  // namespace cram::ops::gpu
