#include "activation.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "kernels.h"
#include "parallel.h"

namespace cram::ops::cpu {
namespace {

// Calls the kernel on parts of the rows of `y`, the narrower side.
template <typename T>
void run(void (*kernel)(const ActivationCall<T>&, Rows), const ActivationCall<T>& call,
         const at::Tensor& y) {
  if (y.numel() == 0) return;
  const auto width = y.dim() == 0 ? 1 : y.size(-1);
  const auto rows_a_part = std::max<std::int64_t>(1, kElementsAPart / width);
  for_ranges(y.numel() / width, rows_a_part, [&](std::int64_t begin, std::int64_t end) {
    kernel(call, {begin, end, width});
  });
}

}  // namespace

at::Tensor activation_forward(const at::Tensor& x, Activation options) {
  auto shape = x.sizes().vec();
  if (options.gated) shape.back() /= 2;
  const at::Tensor y = at::empty(shape, x.options().requires_grad(false));
  with_element(x, [&]<typename T>() {
    const auto& table = kernels<T>().activation;
    run(options.gated ? table.gated_forward : table.forward,
        {options.kind, data<T>(x), nullptr, data<T>(y)}, y);
  });
  return y;
}

at::Tensor activation_backward(const at::Tensor& x, const at::Tensor& dy, Activation options) {
  const at::Tensor dx = at::empty_like(x);
  with_element(x, [&]<typename T>() {
    const auto& table = kernels<T>().activation;
    run(options.gated ? table.gated_backward : table.backward,
        {options.kind, data<T>(x), data<T>(dy), data<T>(dx)}, dy);
  });
  return dx;
}

}  // namespace cram::ops::cpu
