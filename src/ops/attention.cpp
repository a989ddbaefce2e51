#include "cpu/attention.h"

#include <optional>

#include <ATen/ops/scaled_dot_product_attention.h>

#include "cram/ops/dropout_mask.h"
#include "cram/ops/functions.h"
#include "cram/ops/reference.h"

#include "autograd.h"
#include "gpu/placing.h"

namespace cram::ops {
namespace {

struct AttentionState {
  Attention options;
  at::Tensor log_sums;
  DropoutMask mask;
};

// Kept for backward: qkv and one number a row of weights, from which the weights are computed
// again, and the seed of their mask.
struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            const Attention& options) {
    const at::Tensor qkv = input.contiguous();
    const DropoutMask mask = draw_dropout_mask(options.dropout);
    auto [output, log_sums] = cpu::attention_forward(qkv, options, mask);
    context->save_for_backward({qkv});
    keep(context, AttentionState{options, log_sums, mask});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor qkv = context->get_saved_variables()[0];
    const auto& [options, log_sums, mask] = kept<AttentionState>(context);
    const at::Tensor dy = outputs[0].contiguous();
    return {cpu::attention_backward(qkv, dy, log_sums, options, mask), at::Tensor()};
  }
};

at::Tensor fused(const at::Tensor& qkv, const Attention& options) {
  const auto batch = qkv.size(0), length = qkv.size(1);
  const auto [queries, keys, values] = gpu::places(qkv, options)
                                           ? gpu::place_heads(qkv, options)
                                           : reference::split_heads(qkv, options);
  std::optional<at::Tensor> visible = reference::visible_pairs(options, length, qkv.device());
  if (!visible->defined()) visible.reset();
  const at::Tensor output =
      at::scaled_dot_product_attention(queries, keys, values, visible, options.dropout)
          .transpose(1, 2)
          .reshape({batch, length, qkv.size(2) / 3});
  return reference::without_padding(output, options);
}

// On CPUs with the masks of the kernels, whatever the type.
at::Tensor plain(const at::Tensor& qkv, const Attention& options) {
  if (options.dropout == 0 || !qkv.is_cpu()) return reference::attention(qkv, options);
  const DropoutMask mask = draw_dropout_mask(options.dropout);
  return reference::attention(qkv, options,
                              kept_weights(mask, {qkv.size(0), options.heads, qkv.size(1)}));
}

// Values of lengths and documents are looked at on CPUs only: a GPU would have to be waited for.
void check_lengths(const at::Tensor& qkv, const at::Tensor& lengths) {
  require(lengths.dim() == 1 && lengths.size(0) == qkv.size(0) &&
              lengths.scalar_type() == at::kLong && lengths.device() == qkv.device(),
          "attention takes the length of each sequence, as int64 where the sequences are");
  if (qkv.is_cpu() && lengths.numel() > 0) {
    require(lengths.min().item<std::int64_t>() >= 1 &&
                lengths.max().item<std::int64_t>() <= qkv.size(1),
            "a sequence has from one token to as many as there is room for");
  }
}

void check_documents(const at::Tensor& qkv, const at::Tensor& documents) {
  require(documents.dim() == 2 && documents.size(0) == qkv.size(0) &&
              documents.size(1) == qkv.size(1) && documents.scalar_type() == at::kLong &&
              documents.device() == qkv.device(),
          "attention takes the document of each token, as int64 where the tokens are");
  if (!qkv.is_cpu()) return;
  require(documents.diff(1, 1).ge(0).all().item<bool>(),
          "the numbers of documents never fall within a sequence");
}

void check(const at::Tensor& qkv, const Attention& options) {
  require(qkv.dim() == 3 && qkv.size(2) % (3 * options.heads) == 0,
          "attention takes queries, keys and values side by side, each of whole heads");
  if (options.lengths.defined()) check_lengths(qkv, options.lengths);
  if (options.documents.defined()) check_documents(qkv, options.documents);
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
  RECORD_FUNCTION("cram::attention", {});
  check(qkv, options);
  if (options.kernel == AttentionKernel::kFused) return fused(qkv, options);
  if (!cpu::attends(qkv, options)) return plain(qkv, options);
  return AttentionFunction::apply(qkv, options);
}

}  // namespace cram::ops
