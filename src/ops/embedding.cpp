// Rows of tables and rows of activations.
#include <ATen/ops/empty.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/index_put.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros.h>

#include "cram/ops/functions.h"

#include "autograd.h"
#include "cpu/rows.h"

namespace cram::ops {
namespace {

void check_index(const at::Tensor& index, const at::Tensor& table) {
  require(index.scalar_type() == at::kLong, "row numbers must be int64");
  require(table.dim() == 2, "rows are taken from a matrix");
}

at::Tensor take_rows(const at::Tensor& table, const at::Tensor& index) {
  if (cpu::handles(table)) return cpu::take_rows(table, index);
  return at::index_select(table, 0, index);
}

struct EmbeddingFunction : torch::autograd::Function<EmbeddingFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& ids,
                            const at::Tensor& compute, const WeightPtr& table) {
    const at::Tensor flat = ids.reshape(-1).contiguous();
    context->save_for_backward({flat});
    keep(context, table);
    auto shape = ids.sizes().vec();
    shape.push_back(compute.size(1));
    return take_rows(compute, flat).view(shape);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor ids = context->get_saved_variables()[0];
    const at::Tensor& grad = kept<WeightPtr>(context)->grad;
    const at::Tensor rows = outputs[0].reshape({ids.numel(), grad.size(1)}).contiguous();
    if (cpu::handles(rows)) {
      cpu::add_rows(grad, ids, rows);
    } else {
      // index_put_ sorts the rows, so its sums are deterministic on GPUs as well.
      at::Tensor sum = grad;
      sum.index_put_({ids}, rows.to(grad.scalar_type()), /*accumulate=*/true);
    }
    return {at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct GatherRowsFunction : torch::autograd::Function<GatherRowsFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& positions) {
    const at::Tensor index = positions.contiguous();
    context->save_for_backward({index});
    keep(context, x.size(0));
    return take_rows(x.contiguous(), index);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor positions = context->get_saved_variables()[0];
    const at::Tensor rows = outputs[0].contiguous();
    const auto count = kept<std::int64_t>(context);
    if (cpu::handles(rows)) return {cpu::spread_rows(rows, positions, count), at::Tensor()};
    const at::Tensor spread = at::zeros({count, rows.size(1)}, rows.options());
    return {at::index_add(spread, 0, positions, rows), at::Tensor()};
  }
};

}  // namespace

at::Tensor embedding(const at::Tensor& ids, const WeightPtr& table) {
  RECORD_FUNCTION("cram::embedding", {});
  check_index(ids, table->compute);
  return EmbeddingFunction::apply(ids, table->compute, table);
}

at::Tensor gather_rows(const at::Tensor& x, const at::Tensor& positions) {
  RECORD_FUNCTION("cram::gather_rows", {});
  check_index(positions, x);
  return GatherRowsFunction::apply(x, positions);
}

}  // namespace cram::ops
