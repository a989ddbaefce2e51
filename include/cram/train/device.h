// Where and in which precision a run computes, and why: found by looking and measuring.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "cram/model/placement.h"
#include "cram/recipe/recipe.h"

namespace cram::train {

struct DeviceChoice {
  c10::Device device = c10::kCPU;
  std::string name;                    // "Intel(R) Xeon(R) Processor, 2 threads"
  std::string reason;                  // why this one, in a few words
  bool recompute_activations = false;  // as in model::Placement
};

// `auto` takes a CUDA device where there is one. Sets the number of CPU threads and, on machines
// with several memory nodes, binds them as ops::cpus_of_threads() says.
// Throws Error{kUsage} when a device was asked for that is not there, saying what is missing.
[[nodiscard]] DeviceChoice choose_device(const recipe::Device& options);

// The same as text, for `cram doctor`: what was looked for and what came of it, a line each.
[[nodiscard]] std::vector<std::string> describe_devices();

// The processor's name as the operating system gives it.
[[nodiscard]] std::string cpu_name();

// Most memory that tensors have taken on a CUDA device, or that the process has taken otherwise.
[[nodiscard]] std::int64_t peak_memory_bytes(const c10::Device& device);
// Gives a device's unused memory back, and starts a CUDA device's peak anew.
void forget_memory(const c10::Device& device);

struct PrecisionChoice {
  c10::ScalarType type = c10::kFloat;
  std::string reason;     // with the measured speeds
  double gemm_flops = 0;  // matrix-multiply FLOP/s of the device in that type at the model's shapes
  // As in model::Placement. The speed above is then of products that all add up in fp16, which a
  // step's weight gradients and head do not.
  bool fp16_accumulation = false;
};

[[nodiscard]] model::Placement placement_of(const DeviceChoice& device,
                                            const PrecisionChoice& precision);

// `auto` measures: bf16 or fp16 where the device multiplies matrices markedly faster in it, else
// fp32. fp16, whose range is narrow, only on CUDA devices whose matrix units know no bf16 (Turing
// and before). Takes well under a second.
// `tokens` is the number of rows of a micro-batch. A run that goes on stays with its precision,
// `before`, whatever a device that is busy elsewhere would measure now.
[[nodiscard]] PrecisionChoice choose_precision(const recipe::Precision& options,
                                               const recipe::Model& model, std::int64_t tokens,
                                               const c10::Device& device,
                                               std::optional<c10::ScalarType> before = {});

}  // namespace cram::train
