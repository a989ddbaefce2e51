// Time that never jumps, passed in from outside so that tests can bend it.
#pragma once

#include <chrono>

namespace cram {

using Seconds = std::chrono::duration<double>;

class Clock {
 public:
  virtual ~Clock() = default;
  // Seconds since an arbitrary moment; never decreases and stands still while the machine sleeps.
  [[nodiscard]] virtual Seconds now() const = 0;
};

class MonotonicClock final : public Clock {
 public:
  [[nodiscard]] Seconds now() const override;
};

// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Seconds now() const override { return now_; }
  void advance(Seconds by) { now_ += by; }

 private:
  Seconds now_{0};
};

}  // namespace cram
