#include "cram/ops/muon_step.h"

#include "autograd.h"
#include "compute_copy.h"
#include "cpu/kernels.h"
#include "cpu/tensors.h"
#include "parallel.h"

namespace cram::ops {
namespace {

void require_dense(const at::Tensor& x, const Weight& weight) {
  require(x.scalar_type() == at::kFloat && x.is_contiguous() && x.numel() == weight.master.numel(),
          "Muon's tensors are dense, in fp32, and as large as their weight");
}

}  // namespace

bool has_muon_step(const Weight& weight) { return cpu::handles(weight.compute); }

void muon_direction(const Weight& weight, const at::Tensor& momentum, const at::Tensor& direction,
                    double gradient_factor, double memory) {
  require_dense(momentum, weight);
  require_dense(direction, weight);
  const cpu::MuonDirection call{.grad = cpu::data<float>(weight.grad),
                                .momentum = cpu::data<float>(momentum),
                                .direction = cpu::data<float>(direction),
                                .gradient_factor = static_cast<float>(gradient_factor),
                                .memory = static_cast<float>(memory),
                                .memory_rest = static_cast<float>(1 - memory)};
  for_ranges(weight.master.numel(), kElementsAPart, [&](std::int64_t begin, std::int64_t end) {
    cpu::kernels<float>().muon.direction(call, begin, end);
  });
}

void muon_move(const Weight& weight, const at::Tensor& step, double keep, double rate) {
  require_dense(step, weight);
  cpu::with_element(weight.compute, [&]<typename T>() {
    const cpu::MuonMove<T> call{.master = cpu::data<float>(weight.master),
                                .step = cpu::data<float>(step),
                                .copy = has_copy(weight) ? cpu::data<T>(weight.compute) : nullptr,
                                .keep = static_cast<float>(keep),
                                .rate = static_cast<float>(rate)};
    for_ranges(weight.master.numel(), kElementsAPart, [&](std::int64_t begin, std::int64_t end) {
      cpu::kernels<T>().muon.move(call, begin, end);
    });
  });
}

}  // namespace cram::ops
