// Softmax cross-entropy of a tile of logits: a block a row, which reads it once for the sums and
// once more to put the gradient in its place.
#include "arithmetic.h"
#include "device.cuh"
#include "kernel_list.h"

namespace cram::cuda {
namespace {

constexpr int kWarps = 16;
constexpr int kThreads = kWarps * kWarp;

// The logits of a row that a thread sees: f(place, vector, how many of it are logits).
template <typename T, typename F>
__device__ void each_vector(const T* row, std::int64_t vocabulary, const F& f) {
  for (std::int64_t place = std::int64_t{threadIdx.x} * kVector; place < vocabulary;
       place += kThreads * kVector) {
    const std::int64_t left = vocabulary - place;
    f(place, Vector<T>::load(row + place), static_cast<int>(left < kVector ? left : kVector));
  }
}

template <typename T>
__device__ ValueAndSlope logit(const LossCall& call, float x, std::int64_t place) {
  if (call.bias != nullptr) x += to_float(static_cast<const T*>(call.bias)[place]);
  return cap(x, call.softcap);
}

__device__ SoftmaxSum over_warp(SoftmaxSum mine) {
#pragma unroll
  for (int other = kWarp / 2; other > 0; other /= 2) {
    SoftmaxSum theirs;
    theirs.most = __shfl_xor_sync(0xffffffffu, mine.most, other);
    theirs.sum = __shfl_xor_sync(0xffffffffu, mine.sum, other);
    theirs.place = __shfl_xor_sync(0xffffffffu, mine.place, other);
    mine.add(theirs);
  }
  return mine;
}

__device__ SoftmaxSum over_block(const SoftmaxSum& mine) {
  __shared__ SoftmaxSum warps[kWarps];
  const SoftmaxSum warp = over_warp(mine);
  if (threadIdx.x % kWarp == 0) warps[threadIdx.x / kWarp] = warp;
  __syncthreads();
  SoftmaxSum all = warps[0];
  for (int w = 1; w < kWarps; ++w) all.add(warps[w]);
  return all;
}

template <typename T>
__global__ void __launch_bounds__(kThreads) cross_entropy(LossCall call) {
  const std::int64_t index = blockIdx.x;
  T* row = static_cast<T*>(call.logits) + index * call.stride;
  const std::int64_t target = call.targets[index];
  // Before the gradient takes the logits' place.
  const float wanted = logit<T>(call, to_float(row[target]), target).value;

  SoftmaxSum mine;
  each_vector(row, call.vocabulary, [&](std::int64_t place, Vector<T> v, int count) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      v.x[i] = i < count ? logit<T>(call, v.x[i], place + i).value : -INFINITY;
    }
    mine.add(v.x, place);
  });
  const SoftmaxSum all = over_block(mine);
  if (threadIdx.x == 0) {
    call.losses[index] = all.most + logf(all.sum) - wanted;
    call.correct[index] = all.place == target;
  }
  if (!call.gradients) return;
  const float inverse = 1.0f / all.sum;
  each_vector(row, call.vocabulary, [&](std::int64_t place, Vector<T> v, int count) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      if (i >= count) continue;
      const ValueAndSlope z = logit<T>(call, v.x[i], place + i);
      const float probability = expf(z.value - all.most) * inverse;
      v.x[i] = (probability - (place + i == target ? 1.0f : 0.0f)) * z.slope;
    }
    v.store(row + place);
  });
}

}  // namespace

void loss(const LossCall& call) {
  if (call.rows == 0) return;
  with_element(call.element, [&]<typename T>() {
    cross_entropy<T>
        <<<static_cast<unsigned>(call.rows), kThreads, 0, stream_of(call.stream)>>>(call);
  });
  check_launch("loss");
}

}  // namespace cram::cuda
