#include "cram/ops/gemm_probe.h"

#include <algorithm>
#include <chrono>

#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "fp16_accumulation.h"

namespace cram::ops {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kMeasured{0.06};
constexpr int kMinRounds = 3;
// A 16-bit type so many times slower than fp32 on a small product is not measured any further.
constexpr double kHopeless = 10;
constexpr GemmShape kSmall = {64, 64, 64};

struct Product {
  at::Tensor left, right, result;
  double flops;
};

Product make_product(const GemmShape& shape, const c10::Device& device, c10::ScalarType type) {
  const auto options = at::TensorOptions(type).device(device);
  const at::Tensor left = at::randn({shape.rows, shape.inner}, options);
  const at::Tensor right = at::randn({shape.inner, shape.columns}, options);
  return {left, right, at::mm(left, right),
          2.0 * static_cast<double>(shape.rows * shape.inner * shape.columns)};
}

// Seconds of one round over all products, waited for.
double time_round(std::vector<Product>& products, const c10::Device& device) {
  const auto start = std::chrono::steady_clock::now();
  for (Product& product : products) at::mm_out(product.result, product.left, product.right);
  if (!device.is_cpu()) {
    const c10::impl::VirtualGuardImpl guard(device.type());
    guard.synchronizeDevice(device.index());
  }
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

// The best speed of a few rounds.
double measure(std::vector<Product> products, const c10::Device& device) {
  double flops = 0;
  for (const Product& product : products) flops += product.flops;
  double best = time_round(products, device);
  double spent = best;
  for (int round = 1; round < kMinRounds || spent < kMeasured.count(); ++round) {
    const double seconds = time_round(products, device);
    best = std::min(best, seconds);
    spent += seconds;
  }
  return flops / best;
}

}  // namespace

double measure_gemm_flops(const c10::Device& device, c10::ScalarType type,
                          const std::vector<GemmShape>& shapes, bool fp16_accumulation) {
  const c10::NoGradGuard no_gradients;
  const Fp16Accumulation sums(fp16_accumulation);
  if (device.is_cpu() && type != c10::kFloat) {
    const double small = measure({make_product(kSmall, device, type)}, device);
    if (small * kHopeless < measure({make_product(kSmall, device, c10::kFloat)}, device)) {
      return small;
    }
  }
  std::vector<Product> products;
  for (const GemmShape& shape : shapes) products.push_back(make_product(shape, device, type));
  return measure(std::move(products), device);
}

}  // namespace cram::ops
