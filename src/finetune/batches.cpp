#include "cram/finetune/batches.h"

#include <algorithm>
#include <numeric>

#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>

#include "cram/base/random.h"

namespace cram::finetune {
namespace {

constexpr std::int64_t kStretch = 50;  // batches that are sorted by length together

std::int64_t length_of(const std::vector<Input>& inputs, std::int64_t row) {
  return inputs[static_cast<std::size_t>(row)].length();
}

Rows all_rows(const std::vector<Input>& inputs) {
  Rows rows(inputs.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

std::vector<Rows> cut(const Rows& rows, std::int64_t batch_size) {
  std::vector<Rows> batches;
  const auto size = static_cast<std::ptrdiff_t>(batch_size);
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end = begin + std::min(size, rows.end() - begin);
    batches.emplace_back(begin, end);
    begin = end;
  }
  return batches;
}

// Fisher and Yates's.
template <class Items>
void shuffle(Items& items, Random& random) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[random.below(static_cast<std::uint32_t>(left))]);
  }
}

// [rows, width], filled by `value(input, column)` up to each input's length, else by `padding`.
template <class Value>
at::Tensor padded(const std::vector<Input>& inputs, std::span<const std::int64_t> rows,
                  std::int64_t padding, Value value) {
  std::int64_t width = 0;
  for (const std::int64_t row : rows) width = std::max(width, length_of(inputs, row));
  std::vector<std::int64_t> values(rows.size() * static_cast<std::size_t>(width), padding);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Input& input = inputs[static_cast<std::size_t>(rows[i])];
    for (std::size_t j = 0; j < input.ids.size(); ++j) {
      values[i * static_cast<std::size_t>(width) + j] = value(input, j);
    }
  }
  return at::tensor(values, at::kLong).view({static_cast<std::int64_t>(rows.size()), width});
}

at::Tensor make_targets(const std::vector<Input>& inputs, std::span<const std::int64_t> rows,
                        glue::Problem problem) {
  if (problem == glue::Problem::kTokenLabels) {
    return padded(inputs, rows, kNoLabel,
                  [](const Input& input, std::size_t j) { return input.labels[j]; });
  }
  std::vector<double> targets;
  for (const std::int64_t row : rows) {
    const Input& input = inputs[static_cast<std::size_t>(row)];
    if (problem == glue::Problem::kSpan) {
      targets.push_back(static_cast<double>(input.answer_begin));
      targets.push_back(static_cast<double>(input.answer_end));
    } else {
      targets.push_back(input.target);
    }
  }
  if (problem == glue::Problem::kRegression) return at::tensor(targets, at::kFloat);
  const at::Tensor numbers = at::tensor(targets, at::kDouble).to(at::kLong);
  return problem == glue::Problem::kSpan ? numbers.view({-1, 2}) : numbers;
}

std::int64_t count_terms(const std::vector<Input>& inputs, std::span<const std::int64_t> rows,
                         glue::Problem problem) {
  if (problem != glue::Problem::kTokenLabels) return std::ssize(rows);
  std::int64_t count = 0;
  for (const std::int64_t row : rows) {
    const auto& labels = inputs[static_cast<std::size_t>(row)].labels;
    count += std::ssize(labels) - std::count(labels.begin(), labels.end(), kNoLabel);
  }
  return count;
}

}  // namespace

std::vector<Rows> plan_epoch(const std::vector<Input>& inputs, std::int64_t batch_size,
                             std::uint64_t seed, std::int64_t epoch) {
  Random random(seed, RandomStream::kFineTuning, static_cast<std::uint64_t>(epoch));
  Rows rows = all_rows(inputs);
  shuffle(rows, random);
  const auto stretch = static_cast<std::ptrdiff_t>(kStretch * batch_size);
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end = begin + std::min(stretch, rows.end() - begin);
    std::stable_sort(begin, end, [&](std::int64_t a, std::int64_t b) {
      return length_of(inputs, a) > length_of(inputs, b);
    });
    begin = end;
  }
  std::vector<Rows> batches = cut(rows, batch_size);
  shuffle(batches, random);
  return batches;
}

std::vector<Rows> plan_by_length(const std::vector<Input>& inputs, std::int64_t batch_size) {
  Rows rows = all_rows(inputs);
  std::stable_sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) {
    return length_of(inputs, a) > length_of(inputs, b);
  });
  return cut(rows, batch_size);
}

TaskBatch make_batch(const std::vector<Input>& inputs, std::span<const std::int64_t> rows,
                     glue::Problem problem, bool segments, const c10::Device& device) {
  TaskBatch batch;
  std::vector<std::int64_t> lengths;
  for (const std::int64_t row : rows) lengths.push_back(length_of(inputs, row));
  batch.tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  // Any id will do for padding: nobody looks at it.
  const auto id = [](const Input& input, std::size_t j) -> std::int64_t { return input.ids[j]; };
  batch.input.ids = padded(inputs, rows, 0, id).to(device);
  if (segments) {
    const auto segment = [](const Input& input, std::size_t j) -> std::int64_t {
      return static_cast<std::int64_t>(j) >= input.second ? 1 : 0;
    };
    batch.input.segments = padded(inputs, rows, 0, segment).to(device);
  }
  batch.input.lengths = at::tensor(lengths, at::kLong).to(device);
  batch.targets = make_targets(inputs, rows, problem).to(device);
  batch.weight = count_terms(inputs, rows, problem);
  return batch;
}

}  // namespace cram::finetune
