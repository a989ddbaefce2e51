// Queries and keys normalised and rotated, and the way back. A few neighbouring threads have one
// head of one token: each has kVector pairs (i, i + half).
#include "arithmetic.h"
#include "device.cuh"
#include "kernel_list.h"

namespace cram::cuda {
namespace {

constexpr int kThreads = 256;

// One head of one token, and which of its pairs a thread has.
struct Place {
  std::int64_t batch, position, head;
  int pair;
};

// kGroup threads a head.
template <int kGroup>
__device__ bool find(const PlacingShape& shape, Place* place) {
  const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const std::int64_t index = thread / kGroup;
  place->pair = static_cast<int>(thread % kGroup) * static_cast<int>(kVector);
  place->head = index % shape.heads;
  place->position = index / shape.heads % shape.length;
  place->batch = index / shape.heads / shape.length;
  return place->batch < shape.batch;
}

template <int kGroup>
__device__ float group_sum(float x) {
#pragma unroll
  for (int other = kGroup / 2; other > 0; other /= 2) x += __shfl_xor_sync(0xffffffffu, x, other);
  return x;
}

// A thread's pairs of a head.
template <typename T>
struct Pairs {
  Vector<T> first, second;

  __device__ static Pairs load(const T* head, int pair, std::int64_t half) {
    return {Vector<T>::load(head + pair), Vector<T>::load(head + half + pair)};
  }

  __device__ void store(T* head, int pair, std::int64_t half) const {
    first.store(head + pair);
    second.store(head + half + pair);
  }

  __device__ float dot(const Pairs& other) const {
    float sum = 0;
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      sum += first.x[i] * other.first.x[i] + second.x[i] * other.second.x[i];
    }
    return sum;
  }

  __device__ void scale(float by) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      first.x[i] *= by;
      second.x[i] *= by;
    }
  }

  // sign: 1 there, -1 back.
  __device__ void turn(const PlacingShape& shape, const Place& place, float sign) {
    if (shape.cos == nullptr) return;
    const std::int64_t at = place.position * (shape.head_size / 2) + place.pair;
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      const Pair turned =
          rotate({first.x[i], second.x[i]}, shape.cos[at + i], sign * shape.sin[at + i]);
      first.x[i] = turned.first;
      second.x[i] = turned.second;
    }
  }
};

template <typename T, int kGroup>
__device__ float inverse_rms(const PlacingShape& shape, const Pairs<T>& x) {
  const float squares = group_sum<kGroup>(x.dot(x));
  return rsqrtf(squares / static_cast<float>(shape.head_size) + shape.epsilon);
}

template <typename T, int kGroup>
__device__ void put(const PlacingShape& shape, const Place& place, const T* from, T* to) {
  const std::int64_t half = shape.head_size / 2;
  auto x = Pairs<T>::load(from, place.pair, half);
  if (shape.norm) x.scale(inverse_rms<T, kGroup>(shape, x));
  x.turn(shape, place, 1.0f);
  x.store(to, place.pair, half);
}

// The threads of the last warp that have no head compute the last one's once more and write nothing
// new, so that all take part in the sums.
template <int kGroup>
__device__ Place find_or_last(const PlacingShape& shape) {
  Place place;
  if (!find<kGroup>(shape, &place)) {
    place.batch = shape.batch - 1;
    place.position = shape.length - 1;
    place.head = shape.heads - 1;
  }
  return place;
}

template <typename T, int kGroup>
__global__ void __launch_bounds__(kThreads) forward(PlacingForwardCall call) {
  const PlacingShape& shape = call.shape;
  const Place place = find_or_last<kGroup>(shape);
  const std::int64_t token = place.batch * shape.length + place.position;
  const std::int64_t width = shape.heads * shape.head_size;
  const std::int64_t head = place.head * shape.head_size;
  const T* from = static_cast<const T*>(call.qkv) + token * 3 * width + head;
  put<T, kGroup>(shape, place, from, static_cast<T*>(call.queries) + token * width + head);
  put<T, kGroup>(shape, place, from + width, static_cast<T*>(call.keys) + token * width + head);
}

template <typename T>
__device__ Pairs<T> gradient_at(const HeadRows& rows, const PlacingShape& shape,
                                const Place& place) {
  const T* head = static_cast<const T*>(rows.data) + place.batch * rows.batch +
                  place.position * rows.length + place.head * rows.head;
  return Pairs<T>::load(head, place.pair, shape.head_size / 2);
}

template <typename T, int kGroup>
__device__ void take_back(const PlacingShape& shape, const Place& place, const T* from,
                          Pairs<T> grad, T* to) {
  const std::int64_t half = shape.head_size / 2;
  grad.turn(shape, place, -1.0f);
  if (shape.norm) {
    auto x = Pairs<T>::load(from, place.pair, half);
    const float scale = inverse_rms<T, kGroup>(shape, x);
    x.scale(scale);
    const float along = group_sum<kGroup>(grad.dot(x)) / static_cast<float>(shape.head_size);
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      grad.first.x[i] = norm_slope(grad.first.x[i], x.first.x[i], 0.0f, along, scale);
      grad.second.x[i] = norm_slope(grad.second.x[i], x.second.x[i], 0.0f, along, scale);
    }
  }
  grad.store(to, place.pair, half);
}

template <typename T, int kGroup>
__global__ void __launch_bounds__(kThreads) backward(PlacingBackwardCall call) {
  const PlacingShape& shape = call.shape;
  const Place place = find_or_last<kGroup>(shape);
  const std::int64_t token = place.batch * shape.length + place.position;
  const std::int64_t width = shape.heads * shape.head_size;
  const std::int64_t head = token * 3 * width + place.head * shape.head_size;
  const T* x = static_cast<const T*>(call.qkv) + head;
  T* dx = static_cast<T*>(call.dqkv) + head;
  const auto dqueries = gradient_at<T>(call.dqueries, shape, place);
  const auto dkeys = gradient_at<T>(call.dkeys, shape, place);
  const auto dvalues = gradient_at<T>(call.dvalues, shape, place);
  take_back<T, kGroup>(shape, place, x, dqueries, dx);
  take_back<T, kGroup>(shape, place, x + width, dkeys, dx + width);
  dvalues.store(dx + 2 * width, place.pair, shape.head_size / 2);
}

template <typename T, int kGroup>
void launch(const PlacingForwardCall& call, unsigned blocks) {
  forward<T, kGroup><<<blocks, kThreads, 0, stream_of(call.stream)>>>(call);
}

template <typename T, int kGroup>
void launch(const PlacingBackwardCall& call, unsigned blocks) {
  backward<T, kGroup><<<blocks, kThreads, 0, stream_of(call.stream)>>>(call);
}

template <int kGroup, typename Call>
void launch_group(const Call& call) {
  const PlacingShape& shape = call.shape;
  const std::int64_t heads = shape.batch * shape.length * shape.heads;
  if (heads == 0) return;
  with_element(shape.element, [&]<typename T>() {
    launch<T, kGroup>(call, blocks_for(heads * kGroup, kThreads));
  });
  check_launch("placing");
}

template <typename Call>
void launch_any(const Call& call) {
  switch (call.shape.head_size / 2 / kVector) {
    case 1:
      return launch_group<1>(call);
    case 2:
      return launch_group<2>(call);
    case 4:
      return launch_group<4>(call);
    default:
      return launch_group<8>(call);
  }
}

}  // namespace

void placing_forward(const PlacingForwardCall& call) { launch_any(call); }
void placing_backward(const PlacingBackwardCall& call) { launch_any(call); }

}  // namespace cram::cuda
