#include "activation.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "kernels.h"

namespace cram::ops::gpu {
namespace {

void run(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& out, ActivationKind kind,
         bool gated) {
  const std::int64_t width = x.size(-1) / (gated ? 2 : 1);
  const std::int64_t rows = x.numel() / x.size(-1);
  kernels_of(GpuKernel::kActivation)
      .activation({element(x), kind, gated, rows, width, data(x), data(dy), data(out), stream(x)});
}

}  // namespace

bool activates(const at::Tensor& x, bool gated) {
  return handles(GpuKernel::kActivation, x) && x.size(-1) % ((gated ? 2 : 1) * cuda::kVector) == 0;
}

at::Tensor activation_forward(const at::Tensor& x, ActivationKind kind, bool gated) {
  auto shape = x.sizes().vec();
  if (gated) shape.back() /= 2;
  const at::Tensor y = at::empty(shape, x.options());
  run(x, {}, y, kind, gated);
  return y;
}

at::Tensor activation_backward(const at::Tensor& x, const at::Tensor& dy, ActivationKind kind,
                               bool gated) {
  const at::Tensor dx = at::empty_like(x);
  run(x, dy, dx, kind, gated);
  return dx;
}

}  // namespace cram::ops::gpu
