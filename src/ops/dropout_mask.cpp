#include "cram/ops/dropout_mask.h"

#include <mutex>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>

#include "autograd.h"
#include "cpu/dropout.h"
#include "parallel.h"

namespace cram::ops {
namespace {

void write_row(const cpu::KeepRule& rule, std::int64_t row, std::int64_t columns, bool* kept) {
  const cpu::RowKey key = cpu::row_key(rule.seed, row);
  for (std::int64_t column = 0; column < columns; ++column) {
    const std::uint32_t hash =
        cpu::element_hash(static_cast<std::uint32_t>(column), key.first, key.second);
    kept[column] = !rule.drops || static_cast<std::int32_t>(hash) < rule.limit;
  }
}

std::int64_t rows_a_part(std::int64_t columns) {
  return std::max<std::int64_t>(1, kElementsAPart / std::max<std::int64_t>(1, columns));
}

}  // namespace

DropoutMask draw_dropout_mask(double p) {
  require(p >= 0 && p < 1, "dropout is a share from 0 to below 1");
  if (p == 0) return {};
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return {at::check_generator<at::CPUGeneratorImpl>(generator)->random64(), p};
}

at::Tensor kept_elements(const DropoutMask& mask, std::int64_t rows, std::int64_t columns) {
  const at::Tensor kept = at::empty({rows, columns}, at::TensorOptions(at::kBool));
  const cpu::KeepRule rule = cpu::keep_rule(mask);
  for_ranges(rows, rows_a_part(columns), [&](std::int64_t begin, std::int64_t end) {
    for (auto row = begin; row < end; ++row) {
      write_row(rule, row, columns, cpu::data<bool>(kept) + row * columns);
    }
  });
  return kept;
}

at::Tensor kept_weights(const DropoutMask& mask, const AttentionSizes& sizes) {
  const auto [batch, heads, length] = sizes;
  const at::Tensor kept = at::empty({batch, heads, length, length}, at::TensorOptions(at::kBool));
  const cpu::KeepRule rule = cpu::keep_rule(mask);
  const auto work = [&](std::int64_t begin, std::int64_t end) {
    for (auto row = begin; row < end; ++row) {
      cpu::KeepRule of_head = rule;
      of_head.seed = cpu::head_seed(rule.seed, row / sizes.length);
      write_row(of_head, row % sizes.length, sizes.length,
                cpu::data<bool>(kept) + row * sizes.length);
    }
  };
  for_ranges(batch * heads * length, rows_a_part(length), work);
  return kept;
}

}  // namespace cram::ops
