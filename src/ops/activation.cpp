#include "cpu/activation.h"

#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "autograd.h"
#include "gpu/activation.h"

namespace cram::ops {
namespace {

bool is_fused(const at::Tensor& x, bool gated) {
  return cpu::handles(x) || gpu::activates(x, gated);
}

// Nothing but the input is kept: the activation's derivative is computed from it again.
struct ActivationFunction : torch::autograd::Function<ActivationFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            cpu::Activation options) {
    const at::Tensor x = input.contiguous();
    context->save_for_backward({x});
    keep(context, options);
    return x.is_cpu() ? cpu::activation_forward(x, options)
                      : gpu::activation_forward(x, options.kind, options.gated);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor x = context->get_saved_variables()[0];
    const auto options = kept<cpu::Activation>(context);
    const at::Tensor dy = outputs[0].contiguous();
    return {x.is_cpu() ? cpu::activation_backward(x, dy, options)
                       : gpu::activation_backward(x, dy, options.kind, options.gated),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor activation(const at::Tensor& x, ActivationKind kind) {
  RECORD_FUNCTION("cram::activation", {});
  if (!is_fused(x, false)) return reference::activation(x, kind);
  return ActivationFunction::apply(x, cpu::Activation{kind, /*gated=*/false});
}

at::Tensor gated_activation(const at::Tensor& x, ActivationKind kind) {
  RECORD_FUNCTION("cram::gated_activation", {});
  require(x.size(-1) % 2 == 0, "a gated activation needs an even last dimension");
  if (!is_fused(x, true)) return reference::gated_activation(x, kind);
  return ActivationFunction::apply(x, cpu::Activation{kind, /*gated=*/true});
}

}  // namespace cram::ops
