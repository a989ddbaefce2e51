#include "cpu/dropout.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/dropout.h>

#include "cram/ops/functions.h"

#include "autograd.h"

namespace cram::ops {
namespace {

struct DropoutFunction : torch::autograd::Function<DropoutFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const DropoutMask& mask) {
    keep(context, mask);
    return cpu::drop(x.contiguous(), mask);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    return {cpu::drop(outputs[0].contiguous(), kept<DropoutMask>(context)), at::Tensor()};
  }
};

// The same mask in plain ATen, for types without kernels.
at::Tensor plain(const at::Tensor& x, const DropoutMask& mask) {
  const auto width = x.dim() == 0 ? 1 : x.size(-1);
  const auto rows = width == 0 ? 0 : x.numel() / width;
  return x * kept_elements(mask, rows, width).view(x.sizes()) / (1 - mask.p);
}

}  // namespace

at::Tensor dropout(const at::Tensor& x, double p) {
  require(p >= 0 && p < 1, "dropout is a share from 0 to below 1");
  if (p == 0) return x;
  if (!x.is_cpu()) return at::dropout(x, p, /*train=*/true);
  const DropoutMask mask = draw_dropout_mask(p);
  return cpu::handles(x) ? DropoutFunction::apply(x, mask) : plain(x, mask);
}

}  // namespace cram::ops
