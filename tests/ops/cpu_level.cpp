// Runs this room's tests with the kernels for other instructions than this CPU's best:
// CRAM_TEST_CPU_LEVEL=avx2 ops_tests.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "cram/ops/cpu_kernels.h"

namespace cram::ops {
namespace {

class CpuLevelOfTheTests : public testing::Environment {
 public:
  void SetUp() override {
    const char* wanted = std::getenv("CRAM_TEST_CPU_LEVEL");
    if (wanted == nullptr) return;
    for (const CpuLevel level : kCpuLevels) {
      if (name(level) != std::string(wanted)) continue;
      if (!available(level)) GTEST_SKIP() << "this CPU has no " << wanted;
      return use_cpu_level(level);
    }
    FAIL() << "no level " << wanted;
  }
};

[[maybe_unused]] const auto* const kEnvironment =
    testing::AddGlobalTestEnvironment(new CpuLevelOfTheTests);

}  // namespace
}  // namespace cram::ops
