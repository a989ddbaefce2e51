#include "cross_entropy.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "cram/base/error.h"

#include "block_product.h"
#include "kernels.h"
#include "loss_shape.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {
namespace {

// Far below any logit, so that the first tile raises it.
constexpr float kNoReference = -1e30f;

void check_targets(const at::Tensor& targets, std::int64_t vocabulary) {
  const auto* ids = data<std::int64_t>(targets);
  for (std::int64_t i = 0; i < targets.numel(); ++i) {
    if (ids[i] >= 0 && ids[i] < vocabulary) continue;
    throw Error(ErrorCode::kInternal, "target " + std::to_string(ids[i]) + " of a vocabulary of " +
                                          std::to_string(vocabulary));
  }
}

float capped(float logit, double softcap) {
  if (softcap <= 0) return logit;
  return static_cast<float>(softcap * std::tanh(logit / softcap));
}

// The forward pass: what its parts share, all of it written by one part only.
template <typename T>
class LossPass {
 public:
  LossPass(const at::Tensor& hidden, const at::Tensor& targets, const Decoder& head,
           Gradients gradients)
      : shape_(hidden, head.weight->compute),
        grid_(shape_),
        head_(head),
        trains_(gradients == Gradients::kWanted),
        decoder_{data<T>(head.weight->compute), shape_.width},
        hidden_(hidden),
        targets_(targets),
        floats_(hidden.options().dtype(at::kFloat).requires_grad(false)),
        packed_(at::zeros({shape_.panels<T>().elements()}, hidden.options().requires_grad(false))),
        columns_(shape_.panels(data<T>(packed_))),
        references_(at::full({grid_.token_parts, shape_.padded}, kNoReference, floats_)),
        sums_(at::zeros_like(references_)),
        best_(at::full_like(references_, -std::numeric_limits<float>::infinity())),
        target_logits_(at::empty({shape_.positions}, floats_)) {
    check_targets(targets, shape_.vocabulary);
    if (!trains_) return;
    exponentials_ = at::empty({shape_.vocabulary, row_stride<T>(shape_.padded)}, packed_.options());
    tile_references_ = at::empty({shape_.tiles, shape_.padded}, floats_);
    dhidden_parts_ = at::empty({grid_.token_parts, shape_.panels<float>().elements()}, floats_);
  }

  [[nodiscard]] LossForward run() {
    pack_hidden();
    const ScratchPool pool(grid_.count(), scratch_bytes());
    for_parts(grid_.count(), [&](std::int64_t part) {
      const ProductScope scope;
      run_part(part, pool.part(part));
    });
    return finish();
  }

 private:
  // The working memory of a part, and its share of the work.
  struct Part {
    std::int64_t tokens;  // which of the token parts
    Range positions;
    Block<float> logits;
    Block<T> packed, decoder_t;
    float* factors;
  };

  [[nodiscard]] std::int64_t scratch_bytes() const {
    return Scratch::size<float>(kTokens * kPositions) + Scratch::size<T>(kTokens * kPositions) +
           Scratch::size<T>(shape_.width * kTokens) + Scratch::size<float>(kPositions);
  }

  // f(panel, positions) for the panels of positions, without what they are padded with.
  template <typename F>
  void for_panels(const F& f) const {
    for_ranges(columns_.count(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) {
        const auto first = i * kPositions;
        f(i, Range{first, std::min(first + kPositions, shape_.positions)});
      }
    });
  }

  void pack_hidden() {
    for_panels([&](std::int64_t panel, Range positions) {
      const Block<const T> rows{data<T>(hidden_) + positions.begin * shape_.width, shape_.width};
      kernels<T>().pack.columns(rows, {positions.end - positions.begin, shape_.width},
                                columns_.panel(panel));
    });
  }

  // What a part of the tokens adds to the gradient of the hidden rows, transposed.
  [[nodiscard]] Panels<float> dhidden_of(std::int64_t part) const {
    return shape_.panels(data<float>(dhidden_parts_) + part * dhidden_parts_.stride(0));
  }

  void run_part(std::int64_t number, Scratch scratch) const {
    Part part{.tokens = number % grid_.token_parts,
              .positions = part_range(shape_.padded, number / grid_.token_parts,
                                      grid_.position_parts, kPositions),
              .logits = {scratch.take<float>(kTokens * kPositions), kPositions},
              .packed = {scratch.take<T>(kTokens * kPositions), kPositions},
              .decoder_t = {scratch.take_zeros<T>(shape_.width * kTokens), kTokens},
              .factors = scratch.take<float>(kPositions)};
    const auto tiles = part_range(shape_.tiles, part.tokens, grid_.token_parts);
    for (auto tile = tiles.begin; tile < tiles.end; ++tile) {
      run_tile(part, tile, tile == tiles.begin ? Into::kOverwrite : Into::kAdd);
    }
  }

  void run_tile(const Part& part, std::int64_t tile, Into into) const {
    const auto tokens = shape_.tokens(tile);
    const Size rows{tokens.end - tokens.begin, shape_.width};
    const Block<const T> decoder{decoder_.row(tokens.begin), decoder_.stride};
    if (trains_) kernels<T>().pack.transposed(decoder, rows, part.decoder_t);
    for (auto first = part.positions.begin; first < part.positions.end; first += kPositions) {
      const auto columns = std::min(kPositions, part.positions.end - first);
      multiply<T>({rows.rows, columns, shape_.width}, decoder,
                  constant(columns_.panel(first / kPositions)), part.logits, Into::kOverwrite);
      note_targets(part, tokens, first);
      take_exponentials(part, tokens, {first, first + columns}, into);
      if (trains_) note_references(part, tile, {first, first + columns});
    }
  }

  // Row `part` of a tensor [token parts, P], from a position on.
  static float* row(const at::Tensor& rows, std::int64_t part, std::int64_t position) {
    return data<float>(rows) + part * rows.stride(0) + position;
  }

  [[nodiscard]] float bias(std::int64_t token) const {
    return head_.bias ? data<float>(head_.bias->master)[token] : 0.0f;
  }

  void note_targets(const Part& part, Range tokens, std::int64_t first) const {
    const auto* ids = data<std::int64_t>(targets_);
    const auto end = std::min(first + kPositions, std::min(part.positions.end, shape_.positions));
    for (auto i = first; i < end; ++i) {
      if (ids[i] < tokens.begin || ids[i] >= tokens.end) continue;
      data<float>(target_logits_)[i] =
          part.logits.row(ids[i] - tokens.begin)[i - first] + bias(ids[i]);
    }
  }

  void note_references(const Part& part, std::int64_t tile, Range positions) const {
    std::memcpy(row(tile_references_, tile, positions.begin),
                row(references_, part.tokens, positions.begin),
                static_cast<std::size_t>(positions.end - positions.begin) * sizeof(float));
  }

  void take_exponentials(const Part& part, Range tokens, Range positions, Into into) const {
    const auto first = positions.begin;
    const Size size{tokens.end - tokens.begin, positions.end - positions.begin};
    ExpTile<T> tile{.logits = constant(part.logits),
                    .bias = head_.bias ? data<float>(head_.bias->master) + tokens.begin : nullptr,
                    .softcap = static_cast<float>(head_.options.softcap),
                    .reference = row(references_, part.tokens, first),
                    .sums = row(sums_, part.tokens, first),
                    .best = row(best_, part.tokens, first),
                    .factors = part.factors,
                    .exponentials = {nullptr, 0},
                    .packed = part.packed};
    if (trains_) {
      const auto stride = exponentials_.stride(0);
      tile.exponentials = {data<T>(exponentials_) + tokens.begin * stride + first, stride};
    }
    const bool raised = kernels<T>().loss.exponentials(tile, size);
    if (!trains_) return;
    const Block<float> dhidden = dhidden_of(part.tokens).panel(first / kPositions);
    if (raised && into == Into::kAdd) {
      kernels<T>().loss.scale_columns(dhidden, {shape_.width, size.columns}, part.factors);
    }
    multiply<T>({shape_.width, size.columns, round_up(size.rows, kGroup<T>)},
                constant(part.decoder_t), constant(part.packed), dhidden, into);
  }

  [[nodiscard]] LossForward finish() {
    const at::Tensor log_sums = at::empty({shape_.positions}, floats_);
    double total = 0;
    std::int64_t correct = 0;
    for (std::int64_t i = 0; i < shape_.positions; ++i) {
      const float target = data<float>(target_logits_)[i];
      data<float>(log_sums)[i] = log_sum(i);
      const double log_sum_here = data<float>(log_sums)[i];
      total += log_sum_here - capped(target, head_.options.softcap) +
               head_.options.z_loss * log_sum_here * log_sum_here;
      correct += target >= best(i) ? 1 : 0;
    }
    const auto mean = total / static_cast<double>(shape_.positions);
    LossForward result{at::full({}, mean, floats_), at::full({}, correct, targets_.options()), {}};
    if (trains_) result.trace = make_trace(log_sums);
    return result;
  }

  [[nodiscard]] float best(std::int64_t position) const {
    float highest = row(best_, 0, position)[0];
    for (std::int64_t part = 1; part < grid_.token_parts; ++part) {
      highest = std::max(highest, row(best_, part, position)[0]);
    }
    return highest;
  }

  [[nodiscard]] float log_sum(std::int64_t position) const {
    float top = kNoReference;
    for (std::int64_t part = 0; part < grid_.token_parts; ++part) {
      top = std::max(top, row(references_, part, position)[0]);
    }
    double sum = 0;
    for (std::int64_t part = 0; part < grid_.token_parts; ++part) {
      const double below = row(references_, part, position)[0] - top;
      sum += row(sums_, part, position)[0] * std::exp(below);
    }
    return static_cast<float>(top + std::log(sum));
  }

  [[nodiscard]] LossTrace make_trace(const at::Tensor& log_sums) const {
    const at::Tensor slopes = at::empty_like(log_sums);
    const at::Tensor masses = log_sums.mul(2 * head_.options.z_loss).add_(1);
    for (std::int64_t i = 0; i < shape_.positions; ++i) {
      const double cap = head_.options.softcap;
      const double share = cap > 0 ? std::tanh(data<float>(target_logits_)[i] / cap) : 0.0;
      data<float>(slopes)[i] = static_cast<float>(1 - share * share);
    }
    const at::Tensor dhidden = at::empty({shape_.positions, shape_.width}, floats_);
    const LossTrace result{hidden_,  targets_, exponentials_, tile_references_,
                           log_sums, masses,   slopes,        dhidden};
    for_panels(
        [&](std::int64_t panel, Range positions) { gather_dhidden(panel, positions, result); });
    return result;
  }

  // The parts' gradients, each divided by the whole sum, less what the targets take.
  void gather_dhidden(std::int64_t panel, Range positions, const LossTrace& trace) const {
    const auto count = positions.end - positions.begin;
    std::vector<float> factors(static_cast<std::size_t>(count));
    const Block<float> whole = dhidden_of(0).panel(panel);
    for (std::int64_t part = 0; part < grid_.token_parts; ++part) {
      for (std::int64_t i = 0; i < count; ++i) {
        const auto position = positions.begin + i;
        factors[static_cast<std::size_t>(i)] =
            std::exp(row(references_, part, position)[0] - data<float>(trace.log_sums)[position]) *
            data<float>(trace.masses)[position];
      }
      const Block<float> share = dhidden_of(part).panel(panel);
      kernels<T>().loss.scale_columns(share, {shape_.width, count}, factors.data());
      if (part == 0) continue;
      for (std::int64_t h = 0; h < shape_.width; ++h) {
        kernels<float>().rows.add(share.row(h), whole.row(h), count);
      }
    }
    float* rows = data<float>(trace.dhidden) + positions.begin * shape_.width;
    kernels<float>().pack.transposed(constant(whole), {shape_.width, count}, {rows, shape_.width});
    for (std::int64_t i = 0; i < count; ++i) {
      const auto position = positions.begin + i;
      kernels<T>().loss.add_scaled(decoder_.row(data<std::int64_t>(targets_)[position]),
                                   -data<float>(trace.slopes)[position], rows + i * shape_.width,
                                   shape_.width);
    }
  }

  LossShape shape_;
  LossGrid grid_;
  const Decoder& head_;
  bool trains_;
  Block<const T> decoder_;
  at::Tensor hidden_, targets_;
  at::TensorOptions floats_;
  at::Tensor packed_;
  Panels<T> columns_;                    // the hidden rows as a right operand [H, P], in packed_
  at::Tensor references_, sums_, best_;  // [token parts, P]
  at::Tensor target_logits_;             // [M], before the softcap
  at::Tensor exponentials_, tile_references_;
  at::Tensor dhidden_parts_;  // [token parts, panels]
};

}  // namespace

bool can_tile_loss(const at::Tensor& hidden) {
  return handles(hidden) && hidden.size(1) % 2 == 0 &&
         with_element(hidden, []<typename T>() { return has_block_products<T>(); });
}

LossForward loss_forward(const at::Tensor& hidden, const at::Tensor& targets, const Decoder& head,
                         Gradients gradients) {
  return with_element(
      hidden, [&]<typename T>() { return LossPass<T>(hidden, targets, head, gradients).run(); });
}

}  // namespace cram::ops::cpu
