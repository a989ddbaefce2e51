#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "cram/ops/functions.h"

#include "autograd.h"
#include "cpu/value_mix.h"

namespace cram::ops {
namespace {

at::Tensor mix_by_aten(const at::Tensor& qkv, const at::Tensor& first, const at::Tensor& share) {
  at::Tensor mixed = qkv.clone();
  values_of(mixed).lerp_(first, share);
  return mixed;
}

variable_list backward_by_aten(const at::Tensor& qkv, const at::Tensor& first, const Weight& mix,
                               const at::Tensor& dmixed) {
  const at::Tensor share = mix.compute.squeeze(), dvalues = values_of(dmixed);
  const at::ScalarType type = mix.grad.scalar_type();
  at::Tensor dqkv = dmixed.clone();
  mix.grad.add_((dvalues.to(type) * (first.to(type) - values_of(qkv).to(type))).sum());
  values_of(dqkv).mul_(1 - share);
  return {dqkv, dvalues * share, at::Tensor(), at::Tensor()};
}

struct MixFunction : torch::autograd::Function<MixFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv,
                            const at::Tensor& first, at::TensorList /*weights*/,
                            const WeightPtr& mix) {
    context->save_for_backward({qkv, first});
    keep(context, mix);
    if (!cpu::handles(qkv)) return mix_by_aten(qkv, first, mix->compute.squeeze());
    return cpu::mix_values(qkv, first, mix->compute.item<float>());
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const auto saved = context->get_saved_variables();
    const WeightPtr& mix = kept<WeightPtr>(context);
    if (!cpu::handles(saved[0])) return backward_by_aten(saved[0], saved[1], *mix, outputs[0]);
    const auto result = cpu::mix_values_backward(saved[0], saved[1], mix->compute.item<float>(),
                                                 outputs[0].contiguous());
    mix->grad.add_(result.dshare);
    return {result.dqkv, result.dfirst, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor values_of(const at::Tensor& qkv) {
  const std::int64_t width = qkv.size(-1) / 3;
  return qkv.narrow(-1, 2 * width, width);
}

at::Tensor mix_values(const at::Tensor& qkv, const at::Tensor& first, const WeightPtr& mix) {
  RECORD_FUNCTION("cram::mix_values", {});
  require(mix != nullptr && mix->master.numel() == 1 && qkv.dim() == 3 &&
              qkv.scalar_type() == first.scalar_type() && first.sizes() == values_of(qkv).sizes(),
          "a value residual mixes values of one shape and type by one number");
  return MixFunction::apply(qkv.contiguous(), first, at::TensorList(computes({mix})), mix);
}

}  // namespace cram::ops
