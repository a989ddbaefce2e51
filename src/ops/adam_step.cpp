#include "cram/ops/adam_step.h"

#include <cmath>

#include "compute_copy.h"
#include "cpu/kernels.h"
#include "cpu/tensors.h"
#include "parallel.h"

namespace cram::ops {
namespace {

template <typename T>
cpu::AdamCall<T> make_call(const Weight& weight, const at::Tensor& exp_avg,
                           const at::Tensor& exp_avg_sq, const AdamStep& step) {
  const double first_bias = 1 - std::pow(step.beta1, step.step);
  const double second_bias = 1 - std::pow(step.beta2, step.step);
  const double decay = step.learning_rate * step.weight_decay;
  return {.master = cpu::data<float>(weight.master),
          .grad = cpu::data<float>(weight.grad),
          .exp_avg = cpu::data<float>(exp_avg),
          .exp_avg_sq = cpu::data<float>(exp_avg_sq),
          .copy = has_copy(weight) ? cpu::data<T>(weight.compute) : nullptr,
          .gradient_factor = static_cast<float>(step.gradient_factor),
          .coupled_decay = static_cast<float>(step.coupled ? step.weight_decay : 0),
          .keep = static_cast<float>(step.coupled ? 1 : 1 - decay),
          .beta1_rest = static_cast<float>(1 - step.beta1),
          .beta2 = static_cast<float>(step.beta2),
          .beta2_rest = static_cast<float>(1 - step.beta2),
          .second_factor = static_cast<float>(1 / std::sqrt(second_bias)),
          .epsilon = static_cast<float>(step.epsilon),
          .rate = static_cast<float>(step.learning_rate / first_bias)};
}

}  // namespace

bool has_adam_step(const Weight& weight) { return cpu::handles(weight.compute); }

void adam_step(const Weight& weight, const at::Tensor& exp_avg, const at::Tensor& exp_avg_sq,
               const AdamStep& step) {
  cpu::with_element(weight.compute, [&]<typename T>() {
    const cpu::AdamCall<T> call = make_call<T>(weight, exp_avg, exp_avg_sq, step);
    for_ranges(weight.master.numel(), kElementsAPart, [&](std::int64_t begin, std::int64_t end) {
      cpu::kernels<T>().adam.step(call, begin, end);
    });
  });
}

}  // namespace cram::ops
