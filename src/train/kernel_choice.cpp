#include "cram/train/kernel_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Context.h>

#include "cram/base/log.h"
#include "cram/base/units.h"
#include "cram/ops/cpu_kernels.h"
#include "cram/train/device.h"
#include "cram/train/out_of_memory.h"

#include "kernel_bench.h"

namespace cram::train {
namespace {

constexpr std::int64_t kFewestTokens = 1024;

using Tensors = std::vector<at::Tensor>;

// What an error may be.
double bound(double aten_error) {
  constexpr double kAsExact = 1.5, kRounding = 1e-5;  // the latter of fp32 sums in another order
  return kAsExact * aten_error + kRounding;
}

std::vector<double> errors(const Tensors& values, const Tensors& expected) {
  std::vector<double> relative;
  for (std::size_t i = 0; i < values.size(); ++i) {
    relative.push_back(relative_error(values[i], expected[i]));
  }
  return relative;
}

// The errors of the tensor in which ours is the furthest from its bound, or not a number.
void compare(const std::vector<double>& ours, const std::vector<double>& atens,
             KernelTrial& trial) {
  double furthest = -1;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double distance = std::isfinite(ours[i]) && std::isfinite(atens[i])
                                ? ours[i] / bound(atens[i])
                                : std::numeric_limits<double>::infinity();
    if (distance <= furthest) continue;
    furthest = distance;
    trial.error = ours[i];
    trial.aten_error = atens[i];
  }
}

KernelTrial try_kernel(ops::GpuKernel kernel, const Operation& operation, at::ScalarType type) {
  KernelTrial trial{kernel};
  ops::use_gpu_kernel(kernel, false);
  const Tensors exact = operation(at::kFloat)();
  const Pass aten_pass = operation(type), pass = operation(type);
  const std::vector<double> aten_errors = errors(aten_pass(), exact);
  trial.aten_milliseconds = milliseconds(aten_pass);
  const std::int64_t calls = ops::gpu_kernel_calls(kernel);
  ops::use_gpu_kernel(kernel, true);
  compare(errors(pass(), exact), aten_errors, trial);
  trial.milliseconds = milliseconds(pass);
  if (ops::gpu_kernel_calls(kernel) == calls) trial.skipped = "ours does not take these shapes";
  ops::use_gpu_kernel(kernel, trial.used());
  return trial;
}

// f(operation) with as many tokens as there is memory for, but not more; false where there is
// memory for none.
template <typename F>
bool with_operation(ops::GpuKernel kernel, BenchShape bench, const F& f) {
  for (;; bench.tokens /= 2) {
    try {
      f(bench_operation(kernel, bench));
      return true;
    } catch (const c10::Error& error) {
      if (!is_out_of_memory(error)) throw;
    }
    forget_memory(bench.device);
    if (bench.tokens <= kFewestTokens) return false;
  }
}

KernelTrial try_kernel(ops::GpuKernel kernel, const BenchShape& bench, at::ScalarType type) {
  KernelTrial trial{kernel};
  const bool fits = with_operation(kernel, bench, [&](const Operation& operation) {
    trial = try_kernel(kernel, operation, type);
  });
  if (!fits) {
    trial.skipped = "there is no memory to try ours";
    ops::use_gpu_kernel(kernel, false);
  }
  return trial;
}

void choose_attention(KernelChoice& choice, const Pass& pass) {
  const auto with_cudnn = [&](bool used) {
    at::globalContext().setSDPUseCuDNN(used);
    return milliseconds(pass);
  };
  choice.attention_without_cudnn_milliseconds = with_cudnn(false);
  choice.attention_milliseconds = with_cudnn(true);
  at::globalContext().setSDPUseCuDNN(!choice.without_cudnn());
}

// Where even the smallest attention finds no memory, cuDNN may be what takes it.
void leave_cudnn_out(KernelChoice& choice) {
  choice.attention_milliseconds = std::numeric_limits<double>::infinity();
  at::globalContext().setSDPUseCuDNN(false);
}

// As LibTorch is by itself.
void use_atens() {
  for (const ops::GpuKernel kernel : ops::kGpuKernels) ops::use_gpu_kernel(kernel, false);
  at::globalContext().setSDPUseCuDNN(true);
}

}  // namespace

bool KernelTrial::right() const {
  return std::isfinite(error) && std::isfinite(aten_error) && error <= bound(aten_error);
}

bool KernelTrial::faster() const { return kWorthwhile * milliseconds < aten_milliseconds; }

std::string to_text(const KernelTrial& trial) {
  const std::string kernel = std::string(ops::name(trial.kernel)) + ": ";
  if (!trial.skipped.empty()) return kernel + "ATen's, " + trial.skipped;
  if (!trial.right()) {
    return kernel + "ATen's, ours is wrong here (relative error " + format_short(trial.error) +
           " instead of " + format_short(trial.aten_error) + ")";
  }
  const std::string ratio = format_fixed(trial.aten_milliseconds / trial.milliseconds, 2);
  return kernel + (trial.used() ? "ours, " : "ATen's, ours is ") + ratio +
         " times as fast as ATen's";
}

bool KernelChoice::without_cudnn() const {
  return kWorthwhile * attention_without_cudnn_milliseconds < attention_milliseconds;
}

std::vector<std::string> KernelChoice::lines() const {
  std::vector<std::string> lines;
  if (atens_alone) lines.emplace_back("LibTorch's alone (chosen by the recipe)");
  for (const KernelTrial& trial : trials) lines.push_back(to_text(trial));
  if (attention_milliseconds > 0) {
    if (std::isinf(attention_milliseconds)) {
      lines.emplace_back("attention: ATen's without cuDNN, for which there is no memory");
      return lines;
    }
    lines.push_back("attention: ATen's " +
                    std::string(without_cudnn() ? "without cuDNN" : "choice") + ", without it " +
                    format_fixed(attention_milliseconds / attention_without_cudnn_milliseconds, 2) +
                    " times as fast");
  }
  return lines;
}

std::string KernelChoice::summary() const {
  std::string used = trials.empty() && !atens_alone ? "" : "aten";
  for (const KernelTrial& trial : trials) {
    if (trial.used()) used += std::string(" ") + ops::name(trial.kernel);
  }
  return without_cudnn() ? used + " without-cudnn" : used;
}

KernelChoice choose_kernels(const recipe::Device& options, const Passes& passes,
                            const model::Placement& placement) {
  const c10::Device device = placement.device;
  const c10::ScalarType type = placement.compute_type;
  KernelChoice choice;
  choice.atens_alone = options.kernels == recipe::Kernels::kAten;
  ops::use_cpu_level(choice.atens_alone ? ops::CpuLevel::kNone : ops::best_cpu_level());
  if (!device.is_cuda()) return choice;
  use_atens();
  if (choice.atens_alone) return choice;
  const BenchShape bench{passes.model, passes.shape, device, passes.tokens, passes.z_loss};
  for (const ops::GpuKernel kernel : ops::kGpuKernels) {
    choice.trials.push_back(try_kernel(kernel, bench, type));
  }
  const bool tried = with_operation(
      ops::GpuKernel::kPlacing, bench,
      [&](const Operation& operation) { choose_attention(choice, operation(type)); });
  if (!tried) leave_cudnn_out(choice);
  forget_memory(device);
  return choice;
}

void announce(const KernelChoice& choice) {
  for (const std::string& line : choice.lines()) log::info("kernel     " + line);
}

}  // namespace cram::train
