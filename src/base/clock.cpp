#include "cram/base/clock.h"

namespace cram {

Seconds MonotonicClock::now() const { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace cram
