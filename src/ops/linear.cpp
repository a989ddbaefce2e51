#include <ATen/ops/addmm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>

#include "cram/ops/functions.h"

#include "autograd.h"
#include "cpu/matmul.h"
#include "cpu/rows.h"
#include "fp16_accumulation.h"

namespace cram::ops {
namespace {

at::Tensor as_matrix(const at::Tensor& x) { return x.reshape({-1, x.size(-1)}).contiguous(); }

// grad += dy^T x, in fp32.
void add_weight_gradient(const at::Tensor& grad, const at::Tensor& dy, const at::Tensor& x) {
  at::Tensor sum = grad;
  if (x.scalar_type() == grad.scalar_type()) {
    sum.addmm_(dy.t(), x);
  } else if (cpu::multiplies(x, grad)) {
    cpu::add_transposed_product(grad, dy, x);
  } else if (x.is_cuda() && x.scalar_type() != at::kDouble) {
    at::addmm_out(sum, sum, dy.t(), x, at::kFloat);  // the product adds to the sum by itself
  } else {
    sum.add_(at::mm(dy.t(), x));
  }
}

void add_bias_gradient(const at::Tensor& grad, const at::Tensor& dy) {
  at::Tensor sum = grad;
  if (cpu::handles(dy)) {
    cpu::add_column_sums(grad, dy);
  } else {
    sum.add_(dy.sum(0, /*keepdim=*/false, grad.scalar_type()));
  }
}

// `matrix`: the weight as it was in the forward pass.
at::Tensor input_gradient(const at::Tensor& dy, const at::Tensor& matrix, const Weight& weight) {
  if (cpu::multiplies(dy, matrix)) return cpu::multiply_plain(dy, matrix);
  const Fp16Accumulation sums(weight.fp16_accumulation);
  return at::mm(dy, matrix);
}

struct LinearState {
  WeightPtr weight, bias;
};

struct LinearFunction : torch::autograd::Function<LinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            at::TensorList /*weights*/, const LinearState& state) {
    context->save_for_backward({x, state.weight->compute});
    keep(context, state);
    const auto& [weight, bias] = state;
    if (!cpu::multiplies(x, weight->compute)) {
      const Fp16Accumulation sums(weight->fp16_accumulation);
      return at::linear(x, weight->compute, compute_of(bias));
    }
    auto shape = x.sizes().vec();
    shape.back() = weight->compute.size(0);
    return cpu::multiply_transposed(as_matrix(x), weight->compute,
                                    bias ? bias->master : at::Tensor())
        .view(shape);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &compute = saved[1];
    const auto& [weight, bias] = kept<LinearState>(context);
    const at::Tensor dy = as_matrix(outputs[0]);
    add_weight_gradient(weight->grad, dy, as_matrix(x));
    if (bias) add_bias_gradient(bias->grad, dy);
    at::Tensor dx;
    if (context->needs_input_grad(0)) dx = input_gradient(dy, compute, *weight).view(x.sizes());
    return {dx, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor linear(const at::Tensor& x, const WeightPtr& weight, const WeightPtr& bias) {
  RECORD_FUNCTION("cram::linear", {});
  require(weight != nullptr && x.size(-1) == weight->compute.size(-1),
          "a linear layer's input must be as wide as its weight");
  return LinearFunction::apply(x, at::TensorList(computes({weight, bias})),
                               LinearState{weight, bias});
}

}  // namespace cram::ops
