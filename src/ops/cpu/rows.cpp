#include "rows.h"

#include <cstring>
#include <string>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "cram/base/error.h"

#include "kernels.h"
#include "parallel.h"

namespace cram::ops::cpu {
namespace {

constexpr std::int64_t kBytesAPart = 65536;

std::int64_t rows_a_part(const at::Tensor& rows) {
  return std::max<std::int64_t>(1, kBytesAPart / std::max<std::int64_t>(1, rows.size(1) * 4));
}

const std::int64_t* checked(const at::Tensor& index, std::int64_t count) {
  const auto* numbers = data<std::int64_t>(index);
  for (std::int64_t i = 0; i < index.numel(); ++i) {
    if (numbers[i] >= 0 && numbers[i] < count) continue;
    throw Error(ErrorCode::kInternal, "row " + std::to_string(numbers[i]) + " of a table of " +
                                          std::to_string(count) + " rows");
  }
  return numbers;
}

// Splits the work on a table so that threads share no sum: by columns, and where those are few, by
// row numbers as well (neighbours apart, for frequent tokens have neighbouring ids).
struct Shares {
  Shares(std::int64_t parts, std::int64_t width)
      : column_parts(std::clamp<std::int64_t>(width / 64, 1, parts)),
        groups(parts / column_parts) {}

  [[nodiscard]] std::int64_t count() const { return column_parts * groups; }

  std::int64_t column_parts, groups;
};

}  // namespace

at::Tensor take_rows(const at::Tensor& table, const at::Tensor& index) {
  const auto* numbers = checked(index, table.size(0));
  const at::Tensor taken =
      at::empty({index.numel(), table.size(1)}, table.options().requires_grad(false));
  const auto bytes = static_cast<std::size_t>(table.size(1)) * table.element_size();
  const auto* from = static_cast<const char*>(table.const_data_ptr());
  auto* to = static_cast<char*>(taken.data_ptr());
  for_ranges(index.numel(), rows_a_part(table), [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      std::memcpy(to + i * bytes, from + static_cast<std::size_t>(numbers[i]) * bytes, bytes);
    }
  });
  return taken;
}

void add_rows(const at::Tensor& sums, const at::Tensor& index, const at::Tensor& rows) {
  const auto width = rows.size(1), count = index.numel();
  const auto* numbers = checked(index, sums.size(0));
  const Shares shares(part_count(count, rows_a_part(rows)), width);
  with_element(rows, [&]<typename T>() {
    const auto add = kernels<T>().rows.add_to_float;
    for_parts(shares.count(), [&](std::int64_t part) {
      const auto group = part / shares.column_parts;
      const auto columns =
          part_range(width, part % shares.column_parts, shares.column_parts, /*unit=*/16);
      for (std::int64_t i = 0; i < count; ++i) {
        if (numbers[i] % shares.groups != group) continue;
        add(data<T>(rows) + i * width + columns.begin,
            data<float>(sums) + numbers[i] * width + columns.begin, columns.end - columns.begin);
      }
    });
  });
}

at::Tensor spread_rows(const at::Tensor& rows, const at::Tensor& index, std::int64_t count) {
  const auto width = rows.size(1);
  const auto* numbers = checked(index, count);
  const at::Tensor spread = at::empty({count, width}, rows.options());
  with_element(rows, [&]<typename T>() {
    auto* to = data<T>(spread);
    for_ranges(count, rows_a_part(rows), [&](std::int64_t begin, std::int64_t end) {
      std::memset(to + begin * width, 0,
                  static_cast<std::size_t>((end - begin) * width) * sizeof(T));
      for (std::int64_t i = 0; i < index.numel(); ++i) {
        if (numbers[i] < begin || numbers[i] >= end) continue;
        kernels<T>().rows.add(data<T>(rows) + i * width, to + numbers[i] * width, width);
      }
    });
  });
  return spread;
}

void add_column_sums(const at::Tensor& sums, const at::Tensor& rows) {
  const auto width = rows.size(1);
  const auto parts = part_count(rows.size(0), rows_a_part(rows));
  const at::Tensor partial = at::zeros({parts, width}, sums.options());
  with_element(rows, [&]<typename T>() {
    for_parts(parts, [&](std::int64_t part) {
      const auto range = part_range(rows.size(0), part, parts);
      kernels<T>().rows.column_sums(data<T>(rows), data<float>(partial) + part * width,
                                    {range.begin, range.end, width});
    });
  });
  for (std::int64_t part = 0; part < parts; ++part) {
    kernels<float>().rows.add(data<float>(partial) + part * width, data<float>(sums), width);
  }
}

}  // namespace cram::ops::cpu
