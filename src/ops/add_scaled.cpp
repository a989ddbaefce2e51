#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "cram/ops/functions.h"

#include "autograd.h"

namespace cram::ops {
namespace {

struct AddScaledFunction : torch::autograd::Function<AddScaledFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& entering,
                            const at::Tensor& input, at::TensorList /*weights*/,
                            const WeightPtr& scale) {
    context->save_for_backward({input});
    keep(context, scale);
    return entering + input * scale->compute.squeeze();
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor input = context->get_saved_variables()[0];
    const WeightPtr& scale = kept<WeightPtr>(context);
    const at::ScalarType type = scale->grad.scalar_type();
    scale->grad.add_((outputs[0].to(type) * input.to(type)).sum());
    return {outputs[0], outputs[0] * scale->compute.squeeze(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor add_scaled(const at::Tensor& entering, const at::Tensor& input, const WeightPtr& scale) {
  RECORD_FUNCTION("cram::add_scaled", {});
  require(scale != nullptr && scale->master.numel() == 1 && entering.sizes() == input.sizes(),
          "a shortcut adds tensors of one shape, scaled by one number");
  return AddScaledFunction::apply(entering, input, at::TensorList(computes({scale})), scale);
}

}  // namespace cram::ops
