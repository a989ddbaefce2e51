#include "cram/train/device.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <sys/resource.h>

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "cram/base/cpus.h"
#include "cram/base/error.h"
#include "cram/base/units.h"
#include "cram/ops/gemm_probe.h"
#include "cram/ops/tensor_memory.h"
#include "cram/ops/worker_threads.h"

#include "cuda_loader.h"

namespace cram::train {
namespace {

// How much faster than fp32 a 16-bit type must multiply to be worth its rounding.
constexpr double kWorthwhile = 1.2;

std::string speed(double flops) { return format_short(flops) + "FLOP/s"; }

int cuda_index(const std::string& type) {
  if (type == "auto" || type == "cuda") return 0;
  int index = -1;
  const char* first = type.data() + type.find(':') + 1;
  std::from_chars(first, type.data() + type.size(), index);
  return index;
}

DeviceChoice cpu_choice(const recipe::Device& options, std::string reason) {
  const int threads = options.threads > 0 ? options.threads : available_cpus();
  at::set_num_threads(threads);
  const std::vector<int> cpus = ops::cpus_of_threads(threads, allowed_cpus(), memory_node_cpus());
  ops::pin_worker_threads(cpus);
  if (!cpus.empty()) reason += "; worker threads stay on CPUs of their own";
  return {c10::kCPU, cpu_name() + ", " + std::to_string(threads) + " threads", std::move(reason),
          options.recompute_activations};
}

DeviceChoice cuda_choice(const recipe::Device& options, int index, const cuda::DeviceInfo& info,
                         std::string reason) {
  return {c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index)),
          std::string(info.name) + ", " + format_bytes(info.total_bytes), std::move(reason),
          options.recompute_activations};
}

// The products of a layer: (tokens x hidden) times the fused QKV and the inner matrices.
std::vector<ops::GemmShape> model_shapes(const recipe::Model& model, std::int64_t tokens) {
  const std::int64_t inner = model.intermediate_size * (model.gated ? 2 : 1);
  return {{tokens, model.hidden_size, 3 * model.hidden_size},
          {tokens, model.hidden_size, inner},
          {tokens, model.intermediate_size, model.hidden_size}};
}

bool multiplies_bf16(const c10::Device& device) {
  constexpr int kAmpere = 8;
  cuda::DeviceInfo info{};
  return load_cuda().plugin->device_info(device.index(), &info) && info.compute_major >= kAmpere;
}

PrecisionChoice choose_by_measuring(const std::vector<ops::GemmShape>& shapes,
                                    const c10::Device& device) {
  const auto measure = [&](c10::ScalarType type) {
    return ops::measure_gemm_flops(device, type, shapes);
  };
  const double fp32 = measure(c10::kFloat);
  const double bf16 = measure(c10::kBFloat16);
  std::string speeds = "measured: fp32 " + speed(fp32) + ", bf16 " + speed(bf16);
  // A device that is busy elsewhere measures anything; what it has is certain.
  if (device.is_cuda() && !multiplies_bf16(device)) {
    const double fp16 = measure(c10::kHalf);
    speeds += ", fp16 " + speed(fp16);
    if (fp16 > kWorthwhile * std::max(bf16, fp32)) return {c10::kHalf, speeds, fp16};
  }
  if (bf16 > kWorthwhile * fp32) return {c10::kBFloat16, speeds, bf16};
  return {c10::kFloat, speeds, fp32};
}

}  // namespace

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "CPU";
}

DeviceChoice choose_device(const recipe::Device& options) {
  if (options.type == "cpu") return cpu_choice(options, "chosen by the recipe");
  const CudaLoad load = load_cuda();
  const int index = cuda_index(options.type);
  cuda::DeviceInfo info{};
  const bool usable = load.plugin != nullptr && load.plugin->device_info(index, &info);
  if (options.type == "auto") {
    return usable ? cuda_choice(options, index, info, "a CUDA device is there")
                  : cpu_choice(options,
                               load.plugin == nullptr ? load.problem : "no CUDA device answers");
  }
  if (usable) return cuda_choice(options, index, info, "chosen by the recipe");
  throw Error(ErrorCode::kUsage,
              "device.type: " + options.type + " cannot be used: " +
                  (load.plugin == nullptr ? load.problem : "no such device answers"),
              "`cram doctor` shows what was looked for; device.type=cpu runs without");
}

std::vector<std::string> describe_devices() {
  const CudaLoad load = load_cuda();
  std::vector<std::string> lines = {"cpu: " + cpu_name()};
  if (load.plugin == nullptr) {
    lines.push_back("cuda: none, " + load.problem);
    return lines;
  }
  cuda::DeviceInfo info{};
  for (int index = 0; load.plugin->device_info(index, &info); ++index) {
    lines.push_back("cuda:" + std::to_string(index) + ": " + info.name + ", compute capability " +
                    std::to_string(info.compute_major) + "." + std::to_string(info.compute_minor) +
                    ", " + format_bytes(info.free_bytes) + " free of " +
                    format_bytes(info.total_bytes));
  }
  if (lines.size() == 1) lines.emplace_back("cuda: the plug-in loads, but no device answers");
  return lines;
}

std::int64_t peak_memory_bytes(const c10::Device& device) {
  if (device.is_cuda()) return load_cuda().plugin->peak_bytes(device.index());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

void forget_memory(const c10::Device& device) {
  if (device.is_cuda()) {
    load_cuda().plugin->forget_memory(device.index());
  } else {
    ops::give_tensor_memory_back();
  }
}

model::Placement placement_of(const DeviceChoice& device, const PrecisionChoice& precision) {
  return {device.device, precision.type, precision.fp16_accumulation, device.recompute_activations};
}

PrecisionChoice choose_precision(const recipe::Precision& options, const recipe::Model& model,
                                 std::int64_t tokens, const c10::Device& device,
                                 std::optional<c10::ScalarType> before) {
  const std::vector<ops::GemmShape> shapes = model_shapes(model, tokens);
  const bool short_sums = options.fp16_accumulation && device.is_cuda();
  const auto fixed = [&](c10::ScalarType type, const std::string& reason = "chosen by the recipe") {
    return PrecisionChoice{type, reason + (short_sums ? ", sums in fp16 as well" : ""),
                           ops::measure_gemm_flops(device, type, shapes, short_sums), short_sums};
  };
  switch (options.compute) {
    case recipe::PrecisionType::kFp32:
      return fixed(c10::kFloat);
    case recipe::PrecisionType::kBf16:
      return fixed(c10::kBFloat16);
    case recipe::PrecisionType::kFp16:
      return fixed(c10::kHalf);
    case recipe::PrecisionType::kAuto:
      break;
  }
  return before ? fixed(*before, "as the run began") : choose_by_measuring(shapes, device);
}

}  // namespace cram::train
