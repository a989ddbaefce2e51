#include "encoder.h"

#include <string>

#include "cram/ops/recompute.h"

#include "position_tables.h"

namespace cram::model {
namespace {

using recipe::NormPosition;
using recipe::Positions;

std::vector<EncoderLayer> make_layers(const recipe::Model& options, WeightBuilder& builder) {
  std::vector<EncoderLayer> layers;
  for (std::int64_t i = 0; i < options.layers; ++i) {
    layers.emplace_back(options, i, builder);
  }
  return layers;
}

// Of the layers that see the whole sequence, or of the local ones.
ops::Attention make_attention(const recipe::Model& options, const Shape& shape,
                              const Placement& placement, bool local) {
  ops::Attention made;
  made.window = local ? options.local_attention / 2 : 0;
  made.heads = options.heads;
  made.qk_norm = options.qk_norm;
  made.dropout = options.attention_dropout;
  made.kernel = ops::choose_attention_kernel(placement.device, placement.compute_type,
                                             shape.sequence_length, made.dropout);
  if (options.positions == Positions::kRotary) {
    const RotaryTable table =
        rotary_table(shape.sequence_length, options.hidden_size / options.heads,
                     local ? options.local_rotary_base : options.rotary_base);
    made.rotary_cos = table.cos.to(placement.device);
    made.rotary_sin = table.sin.to(placement.device);
  }
  return made;
}

}  // namespace

Encoder::Encoder(const recipe::Model& options, const Shape& shape, WeightBuilder& builder)
    : options_(options),
      embeddings_(options, shape, builder),
      layers_(make_layers(options, builder)),
      final_norm_(options.final_norm ? std::optional(builder.norm("final_norm")) : std::nullopt),
      recompute_activations_(builder.placement().recompute_activations),
      global_attention_(make_attention(options, shape, builder.placement(), false)),
      local_attention_(make_attention(options, shape, builder.placement(), true)) {}

ops::Attention Encoder::attention_for(const ops::Attention& made, const EncoderInput& input,
                                      Mode mode) {
  const std::int64_t length = input.ids.size(1);
  ops::Attention used = made;
  used.lengths = input.lengths;
  used.documents = input.documents;
  // ATen's fused kernel would want to be told of each pair on its own.
  if (used.documents.defined() && used.documents.is_cpu()) {
    used.kernel = ops::AttentionKernel::kMatmul;
  }
  if (mode == Mode::kEvaluation) used.dropout = 0;
  if (used.rotary_cos.defined()) {
    used.rotary_cos = used.rotary_cos.narrow(0, 0, length);
    used.rotary_sin = used.rotary_sin.narrow(0, 0, length);
  }
  return used;
}

bool Encoder::is_local(std::size_t layer) const {
  return options_.local_attention > 0 &&
         static_cast<std::int64_t>(layer) % options_.global_every != 0;
}

bool Encoder::pre_norm() const { return options_.norm_position == NormPosition::kPre; }

Encoder::Stream Encoder::advance(const Stream& stream, const at::Tensor& output,
                                 const ops::Norm* norm, double dropout) const {
  if (norm == nullptr) {
    const at::Tensor sum = stream.residual.add(ops::dropout(output, dropout));
    return {sum, sum, stream.values};
  }
  const ops::ResidualNorm next = ops::residual_norm(stream.residual, output, *norm, dropout);
  return {pre_norm() ? next.sum : next.normed, next.normed, stream.values};
}

const ops::Norm* Encoder::norm_after(std::size_t i) const {
  if (!pre_norm()) return &layers_[i].feed_forward_norm();
  if (i + 1 < layers_.size()) return layers_[i + 1].attention_norm();
  return final_norm_ ? &*final_norm_ : nullptr;
}

at::Tensor Encoder::first_values(const at::Tensor& qkv, const at::Tensor& known) const {
  if (known.defined() || !options_.value_residual) return known;
  return ops::values_of(qkv);
}

at::Tensor Encoder::leave(std::size_t i, const at::Tensor& output,
                          const at::Tensor& embedded) const {
  return i + 1 < layers_.size() ? layers_[i + 1].with_shortcut(output, embedded) : output;
}

Encoder::Pass Encoder::begin(const EncoderInput& input, Mode mode) const {
  const double dropout = mode == Mode::kTraining ? options_.dropout : 0;
  const at::Tensor embedded = embeddings_.forward(input, dropout);
  return {attention_for(global_attention_, input, mode),
          attention_for(local_attention_, input, mode), dropout, embedded};
}

Encoder::Stream Encoder::enter(const at::Tensor& embedded) const {
  const ops::Norm* norm = pre_norm() ? layers_.front().attention_norm() : nullptr;
  return {embedded, norm == nullptr ? embedded : ops::norm(embedded, *norm)};
}

Encoder::Stream Encoder::layer(std::size_t i, Stream stream, const Pass& pass,
                               const at::Tensor& positions) const {
  const EncoderLayer& layer = layers_[i];
  const at::Tensor qkv = layer.qkv(stream.input, stream.values);
  stream.values = first_values(qkv, stream.values);
  at::Tensor context = ops::attention(qkv, is_local(i) ? pass.local : pass.global);
  if (positions.defined()) {
    context = ops::gather_rows(context.flatten(0, 1), positions);
    stream.residual = ops::gather_rows(stream.residual.flatten(0, 1), positions);
  }
  const ops::Norm* inner_norm = pre_norm() ? &layer.feed_forward_norm() : layer.attention_norm();
  stream = advance(stream, layer.project(context), inner_norm, pass.dropout);
  return advance(stream, leave(i, layer.feed_forward(stream.input), pass.embedded), norm_after(i),
                 pass.dropout);
}

Encoder::Stream Encoder::recomputed_layer(std::size_t i, const Stream& stream,
                                          const Pass& pass) const {
  Pass shared = pass;
  shared.embedded = at::Tensor();
  const auto through = [this, i, shared](const std::vector<at::Tensor>& entering) {
    Pass own = shared;
    own.embedded = entering[3];
    const Stream left = layer(i, {entering[0], entering[1], entering[2]}, own);
    return std::vector<at::Tensor>{left.residual, left.input, left.values};
  };
  const at::Tensor embedded = options_.input_shortcut ? pass.embedded : at::Tensor();
  const bool random = pass.dropout > 0 || pass.global.dropout > 0;
  const auto left =
      ops::recompute(through, {stream.residual, stream.input, stream.values, embedded}, random);
  return {left[0], left[1], left[2]};
}

at::Tensor Encoder::hidden(const EncoderInput& input, const at::Tensor& positions,
                           Mode mode) const {
  const Pass pass = begin(input, mode);
  Stream stream = enter(pass.embedded);
  const std::size_t last = layers_.size() - 1;
  // Backward begins with the last layer: to run it again would save next to nothing.
  for (std::size_t i = 0; i < last; ++i) {
    stream = recompute_activations_ ? recomputed_layer(i, stream, pass) : layer(i, stream, pass);
  }
  stream = layer(last, stream, pass, positions);
  if (!pre_norm() && final_norm_) return ops::norm(stream.input, *final_norm_);
  return stream.input;
}

}  // namespace cram::model
