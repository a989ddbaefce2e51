// The sections of a recipe that say where a run takes place and what it leaves on the way.
#pragma once

#include <cstdint>
#include <string>

#include "cram/base/clock.h"

namespace cram::recipe {

enum class PrecisionType { kAuto, kFp32, kBf16, kFp16 };

struct Precision {
  PrecisionType compute = PrecisionType::kAuto;
  double initial_loss_scale = 65536.0;  // fp16
  std::int64_t loss_scale_growth_interval = 2000;
  bool fp16_accumulation = false;  // of products with a layer's weights
  bool operator==(const Precision&) const = default;
};

// Our own, on a GPU those that are right and faster there, or LibTorch's alone.
enum class Kernels { kAuto, kAten };

struct Device {
  std::string type = "auto";  // auto, cpu, cuda, cuda:N
  int threads = 0;            // CPU threads of the training step; 0: all
  Kernels kernels = Kernels::kAuto;
  bool recompute_activations = false;
  bool operator==(const Device&) const = default;
};

struct Checkpoint {
  Seconds every{1800};
  std::int64_t keep = 2;
  bool operator==(const Checkpoint&) const = default;
};

struct Logging {
  Seconds every{10};  // between progress records
  bool tensorboard = true;
  bool operator==(const Logging&) const = default;
};

}  // namespace cram::recipe
