#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "cram/ops/functions.h"

#include "autograd.h"

namespace cram::ops {
namespace {

struct MixFunction : torch::autograd::Function<MixFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv,
                            const at::Tensor& first, at::TensorList /*weights*/,
                            const WeightPtr& mix) {
    context->save_for_backward({qkv, first});
    keep(context, mix);
    at::Tensor mixed = qkv.clone();
    values_of(mixed).lerp_(first, mix->compute.squeeze());
    return mixed;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const auto saved = context->get_saved_variables();
    const at::Tensor values = values_of(saved[0]), &first = saved[1];
    const WeightPtr& mix = kept<WeightPtr>(context);
    const at::Tensor share = mix->compute.squeeze(), dvalues = values_of(outputs[0]);
    const at::ScalarType type = mix->grad.scalar_type();
    mix->grad.add_((dvalues.to(type) * (first.to(type) - values.to(type))).sum());
    at::Tensor dqkv = outputs[0].clone();
    values_of(dqkv).mul_(1 - share);
    return {dqkv, dvalues * share, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor values_of(const at::Tensor& qkv) {
  const std::int64_t width = qkv.size(-1) / 3;
  return qkv.narrow(-1, 2 * width, width);
}

at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first, const WeightPtr& mix) {
  RECORD_FUNCTION("cram::mix_values", {});
  require(mix != nullptr && mix->master.numel() == 1 && first.size(-1) * 3 == qkv.size(-1),
          "a value residual mixes values of one width by one number");
  return MixFunction::apply(qkv, first, at::TensorList(computes({mix})), mix);
}

}  // namespace cram::ops
