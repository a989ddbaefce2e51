// Activations and gated activations: one pass over memory in each direction.
#include "arithmetic.h"
#include "device.cuh"
#include "kernel_list.h"

namespace cram::cuda {
namespace {

constexpr int kThreads = 256;

using ops::ActivationKind;

// Where a thread's vector lies: in y, and in x (its value, where x holds two halves).
struct Place {
  std::int64_t y, x;
};

__device__ Place place_of(std::int64_t vector, std::int64_t width, bool gated) {
  const std::int64_t y = vector * kVector;
  return {y, gated ? y / width * 2 * width + y % width : y};
}

template <typename T, ActivationKind kKind, bool kGated>
__global__ void forward(const T* x, T* y, std::int64_t vectors, std::int64_t width) {
  const std::int64_t vector = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (vector >= vectors) return;
  const Place at = place_of(vector, width, kGated);
  const auto value = Vector<T>::load(x + at.x);
  Vector<T> gate = value, out;
  if (kGated) gate = Vector<T>::load(x + at.x + width);
#pragma unroll
  for (int i = 0; i < kVector; ++i) {
    const float activated = activate<kKind>(gate.x[i]).value;
    out.x[i] = kGated ? value.x[i] * activated : activated;
  }
  out.store(y + at.y);
}

template <typename T, ActivationKind kKind, bool kGated>
__global__ void backward(const T* x, const T* dy, T* dx, std::int64_t vectors, std::int64_t width) {
  const std::int64_t vector = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (vector >= vectors) return;
  const Place at = place_of(vector, width, kGated);
  const auto value = Vector<T>::load(x + at.x);
  const auto grad = Vector<T>::load(dy + at.y);
  Vector<T> gate = value, dvalue, dgate;
  if (kGated) gate = Vector<T>::load(x + at.x + width);
#pragma unroll
  for (int i = 0; i < kVector; ++i) {
    const ValueAndSlope a = activate<kKind>(gate.x[i]);
    dvalue.x[i] = grad.x[i] * a.value;
    dgate.x[i] = grad.x[i] * a.slope * (kGated ? value.x[i] : 1.0f);
  }
  if (kGated) dvalue.store(dx + at.x);
  dgate.store(dx + at.x + (kGated ? width : 0));
}

template <typename T, ActivationKind kKind, bool kGated>
void launch(const ActivationCall& call) {
  const std::int64_t vectors = call.rows * call.width / kVector;
  if (vectors == 0) return;
  const unsigned blocks = blocks_for(vectors, kThreads);
  const auto* x = static_cast<const T*>(call.x);
  auto* out = static_cast<T*>(call.out);
  if (call.dy == nullptr) {
    forward<T, kKind, kGated>
        <<<blocks, kThreads, 0, stream_of(call.stream)>>>(x, out, vectors, call.width);
  } else {
    backward<T, kKind, kGated><<<blocks, kThreads, 0, stream_of(call.stream)>>>(
        x, static_cast<const T*>(call.dy), out, vectors, call.width);
  }
}

template <typename T, ActivationKind kKind>
void launch(const ActivationCall& call) {
  if (call.gated) return launch<T, kKind, true>(call);
  launch<T, kKind, false>(call);
}

template <typename T>
void launch(const ActivationCall& call) {
  switch (call.kind) {
    case ActivationKind::kGelu:
      return launch<T, ActivationKind::kGelu>(call);
    case ActivationKind::kGeluTanh:
      return launch<T, ActivationKind::kGeluTanh>(call);
    case ActivationKind::kRelu:
      return launch<T, ActivationKind::kRelu>(call);
    case ActivationKind::kReluSquared:
      return launch<T, ActivationKind::kReluSquared>(call);
    case ActivationKind::kSilu:
      return launch<T, ActivationKind::kSilu>(call);
  }
}

}  // namespace

void activation(const ActivationCall& call) {
  with_element(call.element, [&]<typename T>() { launch<T>(call); });
  check_launch("activation");
}

}  // namespace cram::cuda
