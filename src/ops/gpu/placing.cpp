#include "placing.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "../autograd.h"
#include "kernels.h"

namespace cram::ops::gpu {
namespace {

bool changes(const Attention& options) { return options.qk_norm || options.rotary_cos.defined(); }

cuda::PlacingShape shape_of(const at::Tensor& qkv, const Attention& options) {
  return {element(qkv),
          qkv.size(0),
          qkv.size(1),
          options.heads,
          qkv.size(2) / 3 / options.heads,
          options.qk_norm,
          static_cast<float>(reference::kQkNormEpsilon),
          data<float>(options.rotary_cos),
          data<float>(options.rotary_sin)};
}

cuda::HeadRows rows_of(const at::Tensor& x) {
  return {x.data_ptr(), x.stride(0), x.stride(1), x.stride(2)};
}

at::Tensor with_dense_heads(const at::Tensor& x) {
  const bool aligned = x.stride(0) % cuda::kVector == 0 && x.stride(1) % cuda::kVector == 0 &&
                       x.stride(2) % cuda::kVector == 0 && x.storage_offset() % cuda::kVector == 0;
  return x.stride(3) == 1 && aligned ? x : x.contiguous();
}

// To [B, S, heads, head size] each. What is not changed is a view of qkv.
struct PlaceFunction : torch::autograd::Function<PlaceFunction> {
  static variable_list forward(AutogradContext* context, const at::Tensor& qkv,
                               const Attention& options) {
    context->save_for_backward({qkv});
    keep(context, options);
    const cuda::PlacingShape shape = shape_of(qkv, options);
    const at::Tensor all = qkv.view({shape.batch, shape.length, 3, shape.heads, shape.head_size});
    if (!changes(options)) return {all.select(2, 0), all.select(2, 1), all.select(2, 2)};
    const auto make = [&] {
      return at::empty({shape.batch, shape.length, shape.heads, shape.head_size}, qkv.options());
    };
    const at::Tensor queries = make(), keys = make();
    kernels_of(GpuKernel::kPlacing)
        .placing_forward({shape, data(qkv), data(queries), data(keys), stream(qkv)});
    return {queries, keys, all.select(2, 2)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor qkv = context->get_saved_variables()[0];
    const at::Tensor dqueries = with_dense_heads(outputs[0]);
    const at::Tensor dkeys = with_dense_heads(outputs[1]);
    const at::Tensor dvalues = with_dense_heads(outputs[2]);
    const at::Tensor dqkv = at::empty_like(qkv);
    kernels_of(GpuKernel::kPlacing)
        .placing_backward({shape_of(qkv, kept<Attention>(context)), data(qkv), rows_of(dqueries),
                           rows_of(dkeys), rows_of(dvalues), data(dqkv), stream(qkv)});
    return {dqkv, at::Tensor()};
  }
};

}  // namespace

bool places(const at::Tensor& qkv, const Attention& options) {
  return handles(GpuKernel::kPlacing, qkv) &&
         cuda::places_heads_of(qkv.size(2) / 3 / options.heads);
}

reference::HeadTensors place_heads(const at::Tensor& qkv, const Attention& options) {
  const auto placed = PlaceFunction::apply(qkv.contiguous(), options);
  return {placed[0].transpose(1, 2), placed[1].transpose(1, 2), placed[2].transpose(1, 2)};
}

}  // namespace cram::ops::gpu
