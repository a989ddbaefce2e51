// How much memory tensors take on the CPU, as ATen's allocator reports it to whoever listens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

namespace cram::test {

class TensorMemory {
 public:
  // More than at the start, in bytes.
  [[nodiscard]] std::int64_t now() const { return meter_->now; }
  [[nodiscard]] std::int64_t peak() const { return meter_->peak; }

 private:
  struct Meter : c10::MemoryReportingInfoBase {
    void reportMemoryUsage(void* /*block*/, std::int64_t size, std::size_t /*allocated*/,
                           std::size_t /*reserved*/, c10::Device /*device*/) override {
      now += size;
      peak = std::max(peak, now);
    }
    [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }

    std::int64_t now = 0, peak = 0;
  };

  std::shared_ptr<Meter> meter_ = std::make_shared<Meter>();
  c10::DebugInfoGuard guard_{c10::DebugInfoKind::PROFILER_STATE, meter_};
};

}  // namespace cram::test
