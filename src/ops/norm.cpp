#include "cpu/norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <ATen/ops/rsqrt.h>

#include "cram/ops/functions.h"

#include "autograd.h"
#include "cpu/dropout.h"
#include "gpu/norm.h"

namespace cram::ops {
namespace {

// Mean (LayerNorm) and 1 / deviation of each row; the fused versions have both in one tensor.
struct Statistics {
  at::Tensor mean, scale;
  at::Tensor both = {};
};

struct Normed {
  at::Tensor y;
  Statistics statistics;
};

bool is_fused(const at::Tensor& x) { return cpu::handles(x) || gpu::norms(x); }

NormResult fused_forward(const at::Tensor& x, const Norm& options) {
  return x.is_cpu() ? cpu::norm_forward(x, options) : gpu::norm_forward(x, options);
}

at::Tensor fused_backward(const at::Tensor& x, const NormGradients& gradients,
                          const at::Tensor& statistics, const Norm& options) {
  return x.is_cpu() ? cpu::norm_backward(x, gradients, statistics, options)
                    : gpu::norm_backward(x, gradients, statistics, options);
}

Normed plain_forward(const at::Tensor& x, const Norm& options) {
  if (options.kind == NormKind::kLayerNorm) {
    auto [y, mean, scale] = at::native_layer_norm(x, {x.size(-1)}, options.gain->compute,
                                                  compute_of(options.bias), options.epsilon);
    return {y, {mean, scale}};
  }
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, true) + options.epsilon);
  return {(wide * scale * options.gain->compute).to(x.scalar_type()), {{}, scale}};
}

void add_over_rows(const WeightPtr& weight, const at::Tensor& rows) {
  weight->grad.add_(rows.reshape({-1, rows.size(-1)}).sum(0));
}

at::Tensor plain_backward(const at::Tensor& x, const at::Tensor& dy, const Statistics& statistics,
                          const Norm& options) {
  if (options.kind == NormKind::kLayerNorm) {
    auto [dx, dgain, dbias] = at::native_layer_norm_backward(
        dy, x, {x.size(-1)}, statistics.mean, statistics.scale, options.gain->compute,
        compute_of(options.bias), {true, true, options.bias != nullptr});
    options.gain->grad.add_(dgain);
    if (options.bias) options.bias->grad.add_(dbias);
    return dx;
  }
  const at::Tensor normed = x.to(at::kFloat) * statistics.scale;
  add_over_rows(options.gain, normed * dy);
  const at::Tensor scaled = dy * options.gain->compute.to(at::kFloat);
  const at::Tensor along = (scaled * normed).mean(-1, true);
  return ((scaled - normed * along) * statistics.scale).to(x.scalar_type());
}

struct NormState {
  Norm options;
  Statistics statistics;
  DropoutMask mask = {};  // of what was added to a residual
};

struct NormFunction : torch::autograd::Function<NormFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            at::TensorList /*weights*/, const Norm& options) {
    const at::Tensor x = input.contiguous();
    context->save_for_backward({x});
    if (is_fused(x)) {
      const auto [y, statistics] = fused_forward(x, options);
      keep(context, NormState{options, {{}, {}, statistics}});
      return y;
    }
    const auto [y, statistics] = plain_forward(x, options);
    keep(context, NormState{options, statistics});
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor x = context->get_saved_variables()[0];
    const NormState& state = kept<NormState>(context);
    const at::Tensor dy = outputs[0].contiguous();
    const at::Tensor& both = state.statistics.both;
    const at::Tensor dx = both.defined() ? fused_backward(x, {dy, {}}, both, state.options)
                                         : plain_backward(x, dy, state.statistics, state.options);
    return {dx, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct ResidualNormFunction : torch::autograd::Function<ResidualNormFunction> {
  static variable_list forward(AutogradContext* context, const at::Tensor& residual,
                               const at::Tensor& x, at::TensorList /*weights*/,
                               const std::pair<Norm, DropoutMask>& call) {
    const auto& [options, mask] = call;
    context->set_materialize_grads(false);
    if (is_fused(x)) {
      const auto [sum, y, statistics] = fused(residual.contiguous(), x.contiguous(), options, mask);
      context->save_for_backward({sum});
      keep(context, NormState{options, {{}, {}, statistics}, mask});
      return {sum, y};
    }
    const at::Tensor sum = residual + x;
    const auto [y, statistics] = plain_forward(sum, options);
    context->save_for_backward({sum});
    keep(context, NormState{options, statistics});
    return {sum, y};
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const auto [dresidual, dx] = input_gradients(context, outputs[0], outputs[1]);
    return {dresidual, dx, at::Tensor(), at::Tensor(), at::Tensor()};
  }

 private:
  static ResidualNormResult fused(const at::Tensor& residual, const at::Tensor& x,
                                  const Norm& options, const DropoutMask& mask) {
    return x.is_cpu() ? cpu::residual_norm_forward(residual, x, options, mask)
                      : gpu::residual_norm_forward(residual, x, options);
  }

  // Either gradient may be undefined: of a sum or of a norm that nobody used.
  static ResidualGradients input_gradients(AutogradContext* context, const at::Tensor& dsum,
                                           const at::Tensor& dnormed) {
    const auto& [options, statistics, mask] = kept<NormState>(context);
    const at::Tensor direct = dsum.defined() ? dsum.contiguous() : dsum;
    if (!dnormed.defined()) {
      return {direct, direct.defined() && mask.p > 0 ? cpu::drop(direct, mask) : direct};
    }
    const at::Tensor sum = context->get_saved_variables()[0];
    const at::Tensor dy = dnormed.contiguous();
    if (sum.is_cpu() && statistics.both.defined()) {
      return cpu::residual_norm_backward(sum, {dy, direct}, statistics.both, options, mask);
    }
    if (statistics.both.defined()) {
      const at::Tensor dx = gpu::norm_backward(sum, {dy, direct}, statistics.both, options);
      return {dx, dx};
    }
    const at::Tensor through = plain_backward(sum, dy, statistics, options);
    const at::Tensor dx = dsum.defined() ? through + dsum : through;
    return {dx, dx};
  }
};

void check(const at::Tensor& x, const Norm& options) {
  require(options.gain != nullptr && options.gain->compute.numel() == x.size(-1),
          "the gain of a norm must be as long as the rows");
  require(options.kind == NormKind::kLayerNorm || options.bias == nullptr, "RMSNorm has no bias");
}

}  // namespace

at::Tensor norm(const at::Tensor& x, const Norm& options) {
  RECORD_FUNCTION("cram::norm", {});
  check(x, options);
  return NormFunction::apply(x, at::TensorList(computes({options.gain, options.bias})), options);
}

ResidualNorm residual_norm(const at::Tensor& residual, const at::Tensor& x, const Norm& options,
                           double dropout) {
  RECORD_FUNCTION("cram::residual_norm", {});
  check(x, options);
  require(residual.sizes() == x.sizes(), "a residual must have the shape of what is added to it");
  if (dropout > 0 && !cpu::handles(x)) {
    return residual_norm(residual, ops::dropout(x, dropout), options);
  }
  const auto outputs = ResidualNormFunction::apply(
      residual, x, at::TensorList(computes({options.gain, options.bias})),
      std::pair(options, draw_dropout_mask(dropout)));
  return {outputs[0], outputs[1]};
}

}  // namespace cram::ops
