#include "orthogonalize.h"

#include <algorithm>
#include <utility>

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

// X is multiplied by what the first steps come to before the others begin: rounding in X X^T grows
// with every step, and so is left behind.
constexpr int kFirstSteps = 2;

// A square matrix in scratch memory.
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
  [[nodiscard]] static std::int64_t stride(std::int64_t side) {
    return row_stride<float>(round_up(side, 16));
  }
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
        scaled_(dense(scratch.take<float>(size.rows * size.columns))),
        halfway_(dense(scratch.take<float>(size.rows * size.columns))),
        transposed_{scratch.take<float>(size.columns * row_stride<float>(size.rows)),
                    row_stride<float>(size.rows)},
        gram_(side(), scratch),
        square_(side(), scratch),
        product_(side(), scratch),
        total_(side(), scratch) {}

  [[nodiscard]] static std::int64_t bytes(Size size) {
    return Scratch::size<float>(size.rows) + 2 * Scratch::size<float>(size.rows * size.columns) +
           Scratch::size<float>(size.columns * row_stride<float>(size.rows)) +
           4 * Square::bytes(std::min(size.rows, size.columns));
  }

  void run(const float* x, float norm, float* result) {
    std::fill_n(scales_, size_.rows, 1 / norm);
    kernels<float>().pack.scaled_rows({x, size_.columns}, size_, scales_, scaled_);
    take_steps(kFirstSteps, scaled_, halfway_);
    take_steps(newton_schulz::kSteps - kFirstSteps, halfway_, dense(result));
  }

 private:
  [[nodiscard]] std::int64_t side() const { return std::min(size_.rows, size_.columns); }
  [[nodiscard]] bool wide() const { return size_.rows <= size_.columns; }
  [[nodiscard]] Block<float> dense(float* matrix) const { return {matrix, size_.columns}; }

  void take_steps(int count, Block<float> x, Block<float> to) {
    kernels<float>().pack.transposed(constant(x), size_, transposed_);
    if (wide()) {
      gram_.set_product(constant(x), constant(transposed_), size_.columns);
    } else {
      gram_.set_product(constant(transposed_), constant(x), size_.rows);
    }
    for (int step = 0; step < count; ++step) take_step(step == 0, step + 1 == count);
    multiply<float>({size_.rows, size_.columns, side()}, wide() ? total_.block() : constant(x),
                    wide() ? constant(x) : total_.block(), to, Into::kOverwrite);
  }

  // X' = P X for P = a + b G + c G^2, so that G' = P G P, and X is to be multiplied by P as well.
  void take_step(bool first, bool last) {
    using namespace newton_schulz;
    square_.set_product(gram_, gram_);
    square_.blend(kC, kB, gram_, kA);
    if (first) {
      total_.set(square_);
    } else {
      product_.set_product(square_, total_);
      std::swap(total_, product_);
    }
    if (last) return;
    product_.set_product(square_, gram_);
    gram_.set_product(product_, square_);
  }

  Size size_;
  float* scales_;
  Block<float> scaled_, halfway_, transposed_;
  Square gram_, square_, product_, total_;
};

}  // namespace

bool orthogonalizes(const at::Tensor& batch, at::ScalarType type) {
  return type == at::kFloat && batch.scalar_type() == at::kFloat && handles(batch) &&
         has_block_products<float>() && batch.numel() > 0 &&
         batch.size(0) >= part_count(batch.numel(), 1);
}

at::Tensor orthogonalize(const at::Tensor& batch, const at::Tensor& norms) {
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
      one.run(data<float>(x) + offset, data<float>(norms)[i], data<float>(result) + offset);
    }
  });
  return result;
}

}  // namespace cram::ops::cpu
