#include "norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "dropout.h"
#include "kernels.h"
#include "parallel.h"

namespace cram::ops::cpu {
namespace {

std::int64_t row_count(const at::Tensor& x) {
  return x.numel() / std::max<std::int64_t>(1, x.size(-1));
}

std::int64_t rows_a_part(const at::Tensor& x) {
  return std::max<std::int64_t>(1, kElementsAPart / std::max<std::int64_t>(1, x.size(-1)));
}

// Gain and bias in fp32: the masters, for a compute copy may have lost what the optimizer added.
template <typename T>
NormForward<T> forward_call(const at::Tensor& x, const NormResult& result, const Norm& options) {
  return {.residual = nullptr,
          .x = data<T>(x),
          .sum = nullptr,
          .normed = data<T>(result.normed),
          .gain = data<float>(options.gain->master),
          .bias = options.bias ? data<float>(options.bias->master) : nullptr,
          .statistics = data<float>(result.statistics),
          .epsilon = static_cast<float>(options.epsilon),
          .centred = options.kind == NormKind::kLayerNorm,
          .rule = {}};
}

NormResult empty_result(const at::Tensor& x) {
  return {at::empty_like(x), at::empty({row_count(x), 2}, x.options().dtype(at::kFloat))};
}

template <typename T>
void run_forward(const NormForward<T>& call, const at::Tensor& x) {
  for_ranges(row_count(x), rows_a_part(x), [&](std::int64_t begin, std::int64_t end) {
    kernels<T>().norm.forward(call, {begin, end, x.size(-1)});
  });
}

// Where the gradient of the normalised goes; through a mask too if it has one.
struct Outputs {
  at::Tensor dx;
  at::Tensor ddropped = {};
  DropoutMask mask = {};
};

// Adds the parts' sums in their order.
void add_parts(const WeightPtr& weight, const at::Tensor& parts) {
  for (std::int64_t part = 0; part < parts.size(0); ++part) {
    kernels<float>().rows.add(data<float>(parts) + part * parts.stride(0),
                              data<float>(weight->grad), parts.size(1));
  }
}

void run_backward(const at::Tensor& x, const NormGradients& gradients, const at::Tensor& statistics,
                  const Norm& options, const Outputs& outputs) {
  const auto rows = row_count(x), width = x.size(-1);
  const auto parts = part_count(rows, rows_a_part(x));
  const at::Tensor dgain = at::zeros({parts, width}, statistics.options());
  const at::Tensor dbias = options.bias ? at::zeros_like(dgain) : at::Tensor();
  with_element(x, [&]<typename T>() {
    for_parts(parts, [&](std::int64_t part) {
      const NormBackward<T> call{
          .x = data<T>(x),
          .dnormed = data<T>(gradients.normed),
          .dsum = data_or_null<T>(gradients.direct),
          .dx = data<T>(outputs.dx),
          .ddropped = data_or_null<T>(outputs.ddropped),
          .gain = data<float>(options.gain->master),
          .statistics = data<float>(statistics),
          .dgain = data<float>(dgain) + part * width,
          .dbias = options.bias ? data<float>(dbias) + part * width : nullptr,
          .centred = options.kind == NormKind::kLayerNorm,
          .rule = keep_rule(outputs.mask)};
      const auto range = part_range(rows, part, parts);
      kernels<T>().norm.backward(call, {range.begin, range.end, width});
    });
  });
  add_parts(options.gain, dgain);
  if (options.bias) add_parts(options.bias, dbias);
}

}  // namespace

NormResult norm_forward(const at::Tensor& x, const Norm& options) {
  const auto result = empty_result(x);
  with_element(x, [&]<typename T>() { run_forward(forward_call<T>(x, result, options), x); });
  return result;
}

ResidualNormResult residual_norm_forward(const at::Tensor& residual, const at::Tensor& x,
                                         const Norm& options, const DropoutMask& mask) {
  const auto result = empty_result(x);
  const at::Tensor sum = at::empty_like(x);
  with_element(x, [&]<typename T>() {
    auto call = forward_call<T>(x, result, options);
    call.residual = data<T>(residual);
    call.sum = data<T>(sum);
    call.rule = keep_rule(mask);
    run_forward(call, x);
  });
  return {sum, result.normed, result.statistics};
}

at::Tensor norm_backward(const at::Tensor& x, const NormGradients& gradients,
                         const at::Tensor& statistics, const Norm& options) {
  const at::Tensor dx = at::empty_like(x);
  run_backward(x, gradients, statistics, options, {dx});
  return dx;
}

ResidualGradients residual_norm_backward(const at::Tensor& sum, const NormGradients& gradients,
                                         const at::Tensor& statistics, const Norm& options,
                                         const DropoutMask& mask) {
  const at::Tensor dsum = at::empty_like(sum);
  const at::Tensor ddropped = mask.p > 0 ? at::empty_like(sum) : at::Tensor();
  run_backward(sum, gradients, statistics, options, {dsum, ddropped, mask});
  return {dsum, mask.p > 0 ? ddropped : dsum};
}

}  // namespace cram::ops::cpu
