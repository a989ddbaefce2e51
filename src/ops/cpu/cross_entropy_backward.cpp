#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <ATen/ops/empty_like.h>

#include "block_product.h"
#include "cross_entropy.h"
#include "kernels.h"
#include "loss_shape.h"
#include "panels.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {
namespace {

// A product takes so many rows of a panel: with as many columns of exponentials that is what the
// second cache holds.
constexpr std::int64_t kDepth = 512;

// The gradients of a range of tiles of tokens: of their decoder rows and biases.
template <typename T>
class DecoderGradient {
 public:
  DecoderGradient(const LossTrace& trace, const Decoder& head, float scale, Scratch scratch)
      : trace_(trace),
        head_(head),
        scale_(scale),
        shape_(trace.hidden, head.weight->compute),
        scaled_(panels(shape_)),
        factors_(scratch.take_zeros<float>(shape_.padded)) {
    scaled_.data = scratch.take_zeros<T>(scaled_.elements());
  }

  [[nodiscard]] static std::int64_t bytes(const LossShape& shape) {
    return Scratch::size<T>(panels(shape).elements()) + Scratch::size<float>(shape.padded);
  }

  void run(Range tiles) {
    for (auto tile = tiles.begin; tile < tiles.end; ++tile) {
      if (tile == tiles.begin || !same_references(tile, tile - 1)) scale_hidden(tile);
      add_tile(shape_.tokens(tile));
    }
    if (tiles.begin < tiles.end) {
      subtract_targets({shape_.tokens(tiles.begin).begin, shape_.tokens(tiles.end - 1).end});
    }
  }

 private:
  [[nodiscard]] const float* references(std::int64_t tile) const {
    return data<float>(trace_.references) + tile * shape_.padded;
  }

  [[nodiscard]] bool same_references(std::int64_t a, std::int64_t b) const {
    return std::memcmp(references(a), references(b),
                       static_cast<std::size_t>(shape_.positions) * sizeof(float)) == 0;
  }

  [[nodiscard]] static Panels<T> panels(const LossShape& shape) {
    return {shape.padded, shape.width};
  }

  // Moves the division by the sums of the exponentials into the other operand.
  void scale_hidden(std::int64_t tile) {
    for (std::int64_t i = 0; i < shape_.positions; ++i) {
      factors_[i] = std::exp(references(tile)[i] - data<float>(trace_.log_sums)[i]) *
                    data<float>(trace_.masses)[i] * scale_;
    }
    for (std::int64_t i = 0; i < scaled_.count(); ++i) {
      kernels<T>().pack.scaled_rows(
          {data<T>(trace_.hidden) + i * Panels<T>::kColumns, shape_.width},
          {shape_.positions, scaled_.width(i)}, factors_, scaled_.panel(i));
    }
  }

  void add_tile(Range tokens) {
    const auto stride = trace_.exponentials.stride(0);
    const Block<const T> exponentials{data<T>(trace_.exponentials) + tokens.begin * stride, stride};
    const auto count = tokens.end - tokens.begin;
    float* gradient = data<float>(head_.weight->grad) + tokens.begin * shape_.width;
    for (std::int64_t first = 0; first < shape_.padded; first += kDepth) {
      const auto depth = std::min(kDepth, shape_.padded - first);
      for (std::int64_t i = 0; i < scaled_.count(); ++i) {
        const auto right = scaled_.panel(i, first);
        multiply<T>({count, scaled_.width(i), depth}, {exponentials.data + first, stride},
                    constant(right), {gradient + i * Panels<T>::kColumns, shape_.width},
                    Into::kAdd);
      }
    }
    if (!head_.bias) return;
    kernels<T>().loss.weighted_row_sums(exponentials, {count, shape_.padded}, factors_,
                                        data<float>(head_.bias->grad) + tokens.begin);
  }

  void subtract_targets(Range tokens) {
    for (std::int64_t i = 0; i < shape_.positions; ++i) {
      const auto target = data<std::int64_t>(trace_.targets)[i];
      if (target < tokens.begin || target >= tokens.end) continue;
      const float share = data<float>(trace_.slopes)[i] * scale_;
      kernels<T>().loss.add_scaled(data<T>(trace_.hidden) + i * shape_.width, -share,
                                   data<float>(head_.weight->grad) + target * shape_.width,
                                   shape_.width);
      if (head_.bias) data<float>(head_.bias->grad)[target] -= share;
    }
  }

  const LossTrace& trace_;
  const Decoder& head_;
  float scale_;
  LossShape shape_;
  Panels<T> scaled_;  // a right operand [P, H]
  float* factors_;    // [P]
};

}  // namespace

at::Tensor loss_backward(const LossTrace& trace, const Decoder& head, float scale) {
  const LossShape shape(trace.hidden, head.weight->compute);
  const float share = scale / static_cast<float>(shape.positions);
  const at::Tensor dhidden = at::empty_like(trace.hidden);
  with_element(trace.hidden, [&]<typename T>() {
    const auto parts = part_count(shape.tiles, 1);
    const ScratchPool pool(parts, DecoderGradient<T>::bytes(shape));
    for_parts(parts, [&](std::int64_t part) {
      const ProductScope scope;
      DecoderGradient<T>(trace, head, share, pool.part(part))
          .run(part_range(shape.tiles, part, parts));
    });
    const std::vector<float> scales(static_cast<std::size_t>(shape.positions), share);
    kernels<T>().pack.narrow({data<float>(trace.dhidden), shape.width},
                             {shape.positions, shape.width}, {data<T>(dhidden), shape.width},
                             scales.data(), nullptr);
  });
  return dhidden;
}

}  // namespace cram::ops::cpu
