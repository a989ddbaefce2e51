#include "cpu/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "autograd.h"

namespace cram::ops {
namespace {

// Kept for backward: qkv and one number a row of weights, from which the weights are computed
// again.
struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            const Attention& options) {
    const at::Tensor qkv = input.contiguous();
    auto [output, log_sums] = cpu::attention_forward(qkv, options);
    context->save_for_backward({qkv});
    keep(context, std::pair(options, log_sums));
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor qkv = context->get_saved_variables()[0];
    const auto& [options, log_sums] = kept<std::pair<Attention, at::Tensor>>(context);
    const at::Tensor dy = outputs[0].contiguous();
    return {cpu::attention_backward(qkv, dy, log_sums, options), at::Tensor()};
  }
};

at::Tensor fused(const at::Tensor& qkv, const Attention& options) {
  const auto [queries, keys, values] = reference::split_heads(qkv, options);
  return at::scaled_dot_product_attention(queries, keys, values, {}, options.dropout)
      .transpose(1, 2)
      .reshape({qkv.size(0), qkv.size(1), qkv.size(2) / 3});
}

}  // namespace

const char* name(AttentionKernel kernel) {
  return kernel == AttentionKernel::kMatmul ? "matmul" : "fused";
}

AttentionKernel choose_attention_kernel(const at::Device& device, at::ScalarType type,
                                        std::int64_t sequence_length, double dropout) {
  // ATen's fused kernels on GPUs know the two short types and fp32.
  const bool unfused_type = type == at::kDouble;
  // Its CPU kernel has no dropout, and saves nothing until the scores of a head outgrow the caches.
  constexpr std::int64_t kLongOnCpu = 4096;
  if (device.is_cpu()) {
    return dropout > 0 || sequence_length < kLongOnCpu ? AttentionKernel::kMatmul
                                                       : AttentionKernel::kFused;
  }
  return unfused_type ? AttentionKernel::kMatmul : AttentionKernel::kFused;
}

at::Tensor attention(const at::Tensor& qkv, const Attention& options) {
  require(qkv.dim() == 3 && qkv.size(2) % (3 * options.heads) == 0,
          "attention takes queries, keys and values side by side, each of whole heads");
  if (options.kernel == AttentionKernel::kFused) return fused(qkv, options);
  if (!cpu::attends(qkv, options)) return reference::attention(qkv, options);
  return AttentionFunction::apply(qkv, options);
}

}  // namespace cram::ops
