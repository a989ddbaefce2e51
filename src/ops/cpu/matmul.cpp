#include "matmul.h"

#include <algorithm>

#include <ATen/ops/empty.h>

#include "block_product.h"
#include "kernels.h"
#include "panels.h"
#include "parallel.h"
#include "scratch.h"

namespace cram::ops::cpu {
namespace {

constexpr std::int64_t kPanel = Panels<Bf16>::kColumns;
// Left rows that meet a panel while it is in the nearest cache.
constexpr std::int64_t kRows = 256;
// Rows of tokens that a weight's gradient sums up at a time.
constexpr std::int64_t kDepth = 1024;

// Panels with the memory that they are in.
struct OwnedPanels : Panels<Bf16> {
  OwnedPanels(std::int64_t rows, std::int64_t width, const at::TensorOptions& options)
      : Panels{rows, width}, memory(at::empty({elements()}, options)) {
    data = cpu::data<Bf16>(memory);
  }

  at::Tensor memory;
};

Block<const Bf16> matrix(const at::Tensor& x, std::int64_t row = 0, std::int64_t column = 0) {
  return {data<Bf16>(x) + row * x.size(1) + column, x.size(1)};
}

// The transpose of a weight [out, in] as a right operand [in, out].
OwnedPanels transposed_panels(const at::Tensor& weight) {
  OwnedPanels panels(weight.size(1), weight.size(0), weight.options().requires_grad(false));
  for_ranges(panels.count(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      kernels<Bf16>().pack.columns(matrix(weight, i * kPanel), {panels.width(i), panels.depth},
                                   panels.panel(i));
    }
  });
  return panels;
}

// A matrix [rows, columns] as a right operand.
OwnedPanels plain_panels(const at::Tensor& x) {
  OwnedPanels panels(x.size(0), x.size(1), x.options().requires_grad(false));
  for_ranges(panels.count(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      kernels<Bf16>().pack.rows(matrix(x, 0, i * kPanel), {panels.depth, panels.width(i)},
                                panels.panel(i));
    }
  });
  return panels;
}

// Rows times panels, plus a bias where there is one.
struct RowProduct {
  // Works on a range of rows.
  void run(Range rows, Scratch scratch) const {
    const Block<float> tile{scratch.take<float>(kRows * kPanel), kPanel};
    for (auto first = rows.begin; first < rows.end; first += kRows) {
      const auto count = std::min(kRows, rows.end - first);
      for (std::int64_t i = 0; i < right.count(); ++i) {
        const auto width = right.width(i), column = i * kPanel;
        multiply<Bf16>({count, width, right.depth}, matrix(x, first), constant(right.panel(i)),
                       tile, Into::kOverwrite);
        kernels<Bf16>().pack.narrow({tile.data, kPanel}, {count, width},
                                    {data<Bf16>(y) + first * y.size(1) + column, y.size(1)},
                                    nullptr, bias == nullptr ? nullptr : bias + column);
      }
    }
  }

  const at::Tensor& x;
  const Panels<Bf16>& right;
  const float* bias;
  const at::Tensor& y;
};

at::Tensor multiply_panels(const at::Tensor& x, const Panels<Bf16>& right, const float* bias) {
  const at::Tensor y = at::empty({x.size(0), right.columns}, x.options().requires_grad(false));
  const auto parts = part_count(x.size(0), 16);
  const ScratchPool pool(parts, Scratch::size<float>(kRows * kPanel));
  for_parts(parts, [&](std::int64_t part) {
    const ProductScope scope;
    RowProduct{x, right, bias, y}.run(part_range(x.size(0), part, parts, 16), pool.part(part));
  });
  return y;
}

// Shares of a matrix for threads: blocks as square as their number allows.
struct BlockGrid {
  BlockGrid(std::int64_t parts, std::int64_t rows, std::int64_t panels) {
    for (std::int64_t candidate = 1; candidate <= std::min(parts, panels); ++candidate) {
      if (parts % candidate != 0) continue;
      if (candidate * candidate * rows <= parts * panels * kPanel || candidate == 1) {
        across = candidate;
      }
    }
    down = parts / across;
  }

  std::int64_t down = 1, across = 1;
};

// The rows [begin, end) and panels of a weight's gradient.
struct GradientBlock {
  Range rows, panels;
};

void add_block(const at::Tensor& sum, const at::Tensor& y, const Panels<Bf16>& x,
               GradientBlock block, Scratch scratch) {
  const auto rows = block.rows.end - block.rows.begin;
  const Block<Bf16> left{scratch.take<Bf16>(rows * kDepth), kDepth};
  for (std::int64_t first = 0; first < y.size(0); first += kDepth) {
    const auto depth = std::min(kDepth, y.size(0) - first);
    kernels<Bf16>().pack.transposed(matrix(y, first, block.rows.begin), {depth, rows}, left);
    for (auto i = block.panels.begin; i < block.panels.end; ++i) {
      multiply<Bf16>({rows, x.width(i), round_up(depth, 2)}, constant(left),
                     constant(x.panel(i, first)),
                     {data<float>(sum) + block.rows.begin * sum.size(1) + i * kPanel, sum.size(1)},
                     Into::kAdd);
    }
  }
}

}  // namespace

bool multiplies(const at::Tensor& x, const at::Tensor& weight) {
  return handles(x) && x.scalar_type() == at::kBFloat16 && weight.size(0) % 2 == 0 &&
         weight.size(1) % 2 == 0 && has_block_products<Bf16>();
}

at::Tensor multiply_transposed(const at::Tensor& x, const at::Tensor& weight,
                               const at::Tensor& bias) {
  return multiply_panels(x, transposed_panels(weight), data_or_null<float>(bias));
}

at::Tensor multiply_plain(const at::Tensor& y, const at::Tensor& weight) {
  return multiply_panels(y, plain_panels(weight), nullptr);
}

void add_transposed_product(const at::Tensor& sum, const at::Tensor& y, const at::Tensor& x) {
  const OwnedPanels right = plain_panels(x);
  const auto out = sum.size(0);
  const auto parts = part_count(out * right.count(), 16);
  const BlockGrid grid(parts, out, right.count());
  const ScratchPool pool(parts, Scratch::size<Bf16>(out * kDepth));
  for_parts(parts, [&](std::int64_t part) {
    const ProductScope scope;
    const GradientBlock block{part_range(out, part % grid.down, grid.down, 16),
                              part_range(right.count(), part / grid.down, grid.across)};
    if (block.rows.begin < block.rows.end) add_block(sum, y, right, block, pool.part(part));
  });
}

}  // namespace cram::ops::cpu
