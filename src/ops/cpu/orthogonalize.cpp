#include "orthogonalize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <ATen/ops/empty_like.h>

#include "block_product.h"
#include "kernels.h"
#include "newton_schulz.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {
namespace {

// Rows of a symmetric product that are computed at a time.
constexpr std::int64_t kRows = 64;

// A square matrix in scratch memory. Its rows do not lie a power of two apart, where they would
// share a few sets of the caches.
class Square {
 public:
  Square(std::int64_t side, Scratch& scratch)
      : side_(side), block_{scratch.take_zeros<float>(elements(side)), stride(side)} {}

  [[nodiscard]] static std::int64_t bytes(std::int64_t side) {
    return Scratch::size<float>(elements(side));
  }

  [[nodiscard]] Block<const float> block() const { return constant(block_); }

  // left right, of which only the half above the diagonal is computed: the product must be
  // symmetric. left [side, depth], right [depth, side].
  void set_product(Block<const float> left, Block<const float> right, std::int64_t depth) {
    for (std::int64_t first = 0; first < side_; first += kRows) {
      const auto rows = std::min(kRows, side_ - first);
      multiply<float>({rows, side_ - first, depth}, {left.row(first), left.stride},
                      {right.data + first, right.stride},
                      {block_.row(first) + first, block_.stride}, Into::kOverwrite);
      mirror(first, rows);
    }
  }

  void set_product(const Square& left, const Square& right) {
    set_product(left.block(), right.block(), side_);
  }

  void set(const Square& other) { std::copy_n(other.block_.data, elements(side_), block_.data); }

  // own*this + factor*other + shift*identity.
  void blend(double own, double factor, const Square& other, double shift) {
    kernels<float>().rows.blend(static_cast<float>(own), block_.data, static_cast<float>(factor),
                                other.block_.data, elements(side_));
    for (std::int64_t i = 0; i < side_; ++i) block_.row(i)[i] += static_cast<float>(shift);
  }

 private:
  [[nodiscard]] static std::int64_t stride(std::int64_t side) { return round_up(side, 16) + 16; }
  [[nodiscard]] static std::int64_t elements(std::int64_t side) { return side * stride(side); }

  // What is right of some rows' square on the diagonal, to below it.
  void mirror(std::int64_t first, std::int64_t rows) {
    const auto right = first + rows;
    if (right == side_) return;
    kernels<float>().pack.transposed({block_.row(first) + right, block_.stride},
                                     {rows, side_ - right},
                                     {block_.row(right) + first, block_.stride});
  }

  std::int64_t side_;
  Block<float> block_;
};

class Orthogonalizer {
 public:
  Orthogonalizer(Size size, Scratch scratch)
      : size_(size),
        scales_(scratch.take<float>(size.rows)),
        scaled_{scratch.take<float>(size.rows * size.columns), size.columns},
        transposed_{scratch.take<float>(size.rows * size.columns), size.rows},
        gram_(side(size), scratch),
        square_(side(size), scratch),
        product_(side(size), scratch),
        total_(side(size), scratch),
        next_total_(side(size), scratch) {}

  [[nodiscard]] static std::int64_t bytes(Size size) {
    return Scratch::size<float>(size.rows) + 2 * Scratch::size<float>(size.rows * size.columns) +
           5 * Square::bytes(side(size));
  }

  void run(const float* x, float* result) {
    scale(x);
    const auto scaled = constant(scaled_), transposed = constant(transposed_);
    if (wide()) {
      gram_.set_product(scaled, transposed, size_.columns);
    } else {
      gram_.set_product(transposed, scaled, size_.rows);
    }
    for (int step = 0; step < newton_schulz::kSteps; ++step) take_step(step);
    const Block<const float> total = total_.block();
    multiply<float>({size_.rows, size_.columns, side(size_)}, wide() ? total : scaled,
                    wide() ? scaled : total, {result, size_.columns}, Into::kOverwrite);
  }

 private:
  [[nodiscard]] static std::int64_t side(Size size) { return std::min(size.rows, size.columns); }
  [[nodiscard]] bool wide() const { return size_.rows <= size_.columns; }

  // X of norm 1, and its transpose.
  void scale(const float* x) {
    double squares = 0;
    for (std::int64_t i = 0; i < size_.rows * size_.columns; ++i) {
      squares += static_cast<double>(x[i]) * x[i];
    }
    const double norm = std::max(std::sqrt(squares), newton_schulz::kSmallestNorm);
    std::fill_n(scales_, size_.rows, static_cast<float>(1 / norm));
    const auto& pack = kernels<float>().pack;
    pack.scaled_rows({x, size_.columns}, size_, scales_, scaled_);
    pack.transposed(constant(scaled_), size_, transposed_);
  }

  // X' = P X for P = a + b G + c G^2, so that G' = P G P, and X is to be multiplied by P as well.
  void take_step(int step) {
    using namespace newton_schulz;
    square_.set_product(gram_, gram_);
    square_.blend(kC, kB, gram_, kA);
    if (step == 0) {
      total_.set(square_);
    } else {
      next_total_.set_product(square_, total_);
      std::swap(total_, next_total_);
    }
    if (step + 1 == kSteps) return;
    product_.set_product(square_, gram_);
    gram_.set_product(product_, square_);
  }

  Size size_;
  float* scales_;
  Block<float> scaled_, transposed_;
  Square gram_, square_, product_, total_, next_total_;
};

}  // namespace

bool orthogonalizes(const at::Tensor& batch, at::ScalarType type) {
  return type == at::kFloat && handles(batch) && has_block_products<float>() &&
         part_count(batch.size(0), 1) == part_count(batch.numel(), 1);
}

at::Tensor orthogonalize(const at::Tensor& batch) {
  const at::Tensor x = batch.contiguous(), result = at::empty_like(x);
  const Size size{x.size(1), x.size(2)};
  const auto parts = part_count(x.size(0), 1);
  const ScratchPool pool(parts, Orthogonalizer::bytes(size));
  for_parts(parts, [&](std::int64_t part) {
    const ProductScope scope;
    Orthogonalizer one(size, pool.part(part));
    const auto matrices = part_range(x.size(0), part, parts);
    for (auto i = matrices.begin; i < matrices.end; ++i) {
      const auto offset = i * size.rows * size.columns;
      one.run(data<float>(x) + offset, data<float>(result) + offset);
    }
  });
  return result;
}

}  // namespace cram::ops::cpu
