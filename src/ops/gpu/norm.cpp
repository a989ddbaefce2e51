#include "norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "../autograd.h"
#include "kernels.h"

namespace cram::ops::gpu {
namespace {

cuda::NormShape shape_of(const at::Tensor& x, const Norm& options) {
  return {element(x),
          options.kind == NormKind::kRmsNorm,
          static_cast<float>(options.epsilon),
          x.numel() / x.size(-1),
          x.size(-1),
          data(options.gain->compute),
          data(compute_of(options.bias))};
}

at::Tensor empty_floats(at::IntArrayRef shape, const at::Tensor& like) {
  return at::empty(shape, like.options().dtype(at::kFloat));
}

ResidualNormResult forward(const at::Tensor& residual, const at::Tensor& x, const Norm& options) {
  ResidualNormResult result;
  if (residual.defined()) result.sum = at::empty_like(x);
  result.normed = at::empty_like(x);
  result.statistics = empty_floats({x.numel() / x.size(-1), 2}, x);
  kernels_of(GpuKernel::kNorm)
      .norm_forward({shape_of(x, options), data(residual), data(x), data(result.sum),
                     data(result.normed), data<float>(result.statistics), stream(x)});
  return result;
}

}  // namespace

bool norms(const at::Tensor& x) {
  return handles(GpuKernel::kNorm, x) && x.size(-1) % cuda::kVector == 0 &&
         x.size(-1) <= cuda::kWidestNorm;
}

NormResult norm_forward(const at::Tensor& x, const Norm& options) {
  auto result = forward({}, x, options);
  return {result.normed, result.statistics};
}

ResidualNormResult residual_norm_forward(const at::Tensor& residual, const at::Tensor& x,
                                         const Norm& options) {
  return forward(residual, x, options);
}

at::Tensor norm_backward(const at::Tensor& x, const NormGradients& gradients,
                         const at::Tensor& statistics, const Norm& options) {
  const at::Tensor dx = at::empty_like(x);
  const at::Tensor partial = empty_floats({cuda::kNormParts, 2, x.size(-1)}, x);
  kernels_of(GpuKernel::kNorm)
      .norm_backward({shape_of(x, options), data(x), data(gradients.normed), data(gradients.direct),
                      data<float>(statistics), data(dx), data<float>(partial),
                      data<float>(options.gain->grad),
                      options.bias ? data<float>(options.bias->grad) : nullptr, stream(x)});
  return dx;
}

}  // namespace cram::ops::gpu
