#include "cpu/cross_entropy.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scatter_add.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "autograd.h"
#include "decoder.h"
#include "gpu/cross_entropy.h"
#include "loss_sums.h"

namespace cram::ops {
namespace {

constexpr std::int64_t kTileRows = 256;

// One tile of rows of the plain version: adds to the sums and, where they are defined, to the
// gradients.
struct PlainTile {
  const Decoder& head;
  LossSums& sums;
  LossGradients& gradients;

  void run(const at::Tensor& hidden, const at::Tensor& targets, std::int64_t first_row) const {
    const double softcap = head.options.softcap, z_loss = head.options.z_loss;
    const at::Tensor z =
        reference::logits(hidden, head.weight->compute, compute_of(head.bias), softcap);
    const at::Tensor log_probability = at::log_softmax(z, -1);
    const at::Tensor index = targets.unsqueeze(1);
    sums.loss.sub_(at::gather(log_probability, 1, index).sum());
    sums.correct.add_(at::argmax(z, -1).eq(targets).sum());
    const at::Tensor log_sum = z_loss > 0 ? at::logsumexp(z, -1, /*keepdim=*/true) : at::Tensor();
    if (z_loss > 0) sums.loss.add_(log_sum.square().sum(), z_loss);
    if (!gradients.hidden.defined()) return;
    at::Tensor dz = log_probability.exp();
    if (z_loss > 0) dz.mul_(1 + 2 * z_loss * log_sum);
    dz.scatter_add_(1, index, at::ones({1}, dz.options()).neg().expand_as(index));
    if (softcap > 0) dz.mul_(1 - (z / softcap).square());
    add_gradients(dz.to(hidden.scalar_type()), hidden, first_row);
  }

 private:
  void add_gradients(const at::Tensor& dz, const at::Tensor& hidden, std::int64_t first_row) const {
    at::Tensor rows = gradients.hidden.narrow(0, first_row, hidden.size(0));
    rows.copy_(at::mm(dz, head.weight->compute));
    gradients.decoder.add_(at::mm(dz.t(), hidden));
    if (head.bias) gradients.bias.add_(dz.sum(0, false, at::kFloat));
  }
};

LossSums plain_loss(const at::Tensor& hidden, const at::Tensor& targets, const Decoder& head,
                    LossGradients& gradients) {
  LossSums sums{at::zeros({}, hidden.options().dtype(at::kFloat)),
                at::zeros({}, targets.options())};
  const PlainTile tile{head, sums, gradients};
  for (std::int64_t row = 0; row < hidden.size(0); row += kTileRows) {
    const auto rows = std::min(kTileRows, hidden.size(0) - row);
    tile.run(hidden.narrow(0, row, rows), targets.narrow(0, row, rows), row);
  }
  return sums;
}

using cpu::Gradients;

// The plain version and that for GPUs: whole gradients are kept from forward to backward, which
// scales them.
struct WholeGradientLossFunction : torch::autograd::Function<WholeGradientLossFunction> {
  static variable_list forward(AutogradContext* context, const at::Tensor& hidden,
                               const at::Tensor& targets, at::TensorList /*weights*/,
                               const std::pair<Decoder, Gradients>& call) {
    const auto& [head, mode] = call;
    LossGradients gradients;
    if (mode == Gradients::kWanted) {
      gradients.hidden = at::empty_like(hidden);
      gradients.decoder = at::zeros_like(head.weight->grad);
      if (head.bias) gradients.bias = at::zeros_like(head.bias->grad);
    }
    const auto [loss, correct] = gpu::sums_loss(hidden, head)
                                     ? gpu::loss(hidden, targets, head, gradients)
                                     : plain_loss(hidden, targets, head, gradients);
    context->mark_non_differentiable({correct});
    keep(context, std::pair(head, gradients));
    return {loss / hidden.size(0), correct};
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const auto& [head, gradients] = kept<std::pair<Decoder, LossGradients>>(context);
    const at::Tensor scale = outputs[0] / gradients.hidden.size(0);
    head.weight->grad.addcmul_(gradients.decoder, scale);
    if (head.bias) head.bias->grad.addcmul_(gradients.bias, scale);
    const at::Tensor dhidden = (gradients.hidden * scale).to(gradients.hidden.scalar_type());
    return {dhidden, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

// The CPU version keeps the exponentials of the logits; its backward pass makes the weights'
// gradients of them, with the scale that it is told.
struct LossFunction : torch::autograd::Function<LossFunction> {
  static variable_list forward(AutogradContext* context, const at::Tensor& hidden,
                               const at::Tensor& targets, at::TensorList /*weights*/,
                               const std::pair<Decoder, Gradients>& call) {
    const auto& [head, gradients] = call;
    cpu::LossForward result = cpu::loss_forward(hidden, targets, head, gradients);
    context->mark_non_differentiable({result.correct});
    keep(context, std::pair(head, std::move(result.trace)));
    return {result.loss, result.correct};
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const auto& [head, trace] = kept<std::pair<Decoder, cpu::LossTrace>>(context);
    const at::Tensor dhidden = cpu::loss_backward(trace, head, outputs[0].item<float>());
    return {dhidden, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

void check(const at::Tensor& hidden, const WeightPtr& decoder) {
  require(hidden.dim() == 2 && decoder && hidden.size(1) == decoder->compute.size(1),
          "the prediction head takes rows as wide as its decoder");
}

}  // namespace

MaskedLoss masked_cross_entropy(const at::Tensor& hidden, const WeightPtr& decoder,
                                const WeightPtr& bias, const at::Tensor& targets,
                                const LossOptions& options) {
  RECORD_FUNCTION("cram::masked_cross_entropy", {});
  check(hidden, decoder);
  require(targets.dim() == 1 && targets.size(0) == hidden.size(0) && targets.size(0) > 0,
          "the loss needs one target a row, and at least one row");
  const bool trains =
      at::GradMode::is_enabled() && (hidden.requires_grad() || decoder->compute.requires_grad());
  const std::pair call(Decoder{decoder, bias, options},
                       trains ? Gradients::kWanted : Gradients::kNone);
  const at::Tensor rows = hidden.contiguous(), index = targets.contiguous();
  const auto weights = computes({decoder, bias});
  const auto outputs =
      cpu::can_tile_loss(rows)
          ? LossFunction::apply(rows, index, at::TensorList(weights), call)
          : WholeGradientLossFunction::apply(rows, index, at::TensorList(weights), call);
  return {outputs[0], outputs[1]};
}

at::Tensor logits(const at::Tensor& hidden, const WeightPtr& decoder, const WeightPtr& bias,
                  double softcap) {
  check(hidden, decoder);
  const c10::NoGradGuard no_gradients;
  return reference::logits(hidden, decoder->compute, compute_of(bias), softcap).to(at::kFloat);
}

}  // namespace cram::ops
