// What the kernels compute, element by element, in fp32: functions of host and device, so that
// tests without a GPU run the same lines.
#pragma once

#include <cmath>

#include "cram/ops/activation_kind.h"

#ifdef __CUDACC__
#define CRAM_HOST_DEVICE __host__ __device__ inline
#else
#define CRAM_HOST_DEVICE inline
#endif

namespace cram::cuda {

struct ValueAndSlope {
  float value, slope;
};

// GELU (Hendrycks & Gimpel 2016), exact: x Phi(x).
CRAM_HOST_DEVICE ValueAndSlope gelu(float x) {
  constexpr float kInverseRoot2 = 0.70710678f, kInverseRoot2Pi = 0.39894228f;
  const float phi = 0.5f * (1.0f + erff(x * kInverseRoot2));
  return {x * phi, phi + x * kInverseRoot2Pi * expf(-0.5f * x * x)};
}

// Its approximation by tanh(sqrt(2/pi) (x + 0.044715 x^3)).
CRAM_HOST_DEVICE ValueAndSlope gelu_tanh(float x) {
  constexpr float kRoot = 0.79788456f, kCubic = 0.044715f;
  const float t = tanhf(kRoot * (x + kCubic * x * x * x));
  const float inner_slope = kRoot * (1.0f + 3.0f * kCubic * x * x);
  return {0.5f * x * (1.0f + t), 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner_slope};
}

CRAM_HOST_DEVICE ValueAndSlope silu(float x) {
  const float s = 1.0f / (1.0f + expf(-x));
  return {x * s, s * (1.0f + x * (1.0f - s))};
}

// Both keep what is not a number.
CRAM_HOST_DEVICE ValueAndSlope relu(float x) { return {x < 0 ? 0 : x, x <= 0 ? 0.0f : 1.0f}; }

CRAM_HOST_DEVICE ValueAndSlope relu_squared(float x) {
  const float positive = x < 0 ? 0 : x;
  return {positive * positive, 2.0f * positive};
}

template <ops::ActivationKind kKind>
CRAM_HOST_DEVICE ValueAndSlope activate(float x) {
  if constexpr (kKind == ops::ActivationKind::kGelu) return gelu(x);
  if constexpr (kKind == ops::ActivationKind::kGeluTanh) return gelu_tanh(x);
  if constexpr (kKind == ops::ActivationKind::kSilu) return silu(x);
  if constexpr (kKind == ops::ActivationKind::kRelu) return relu(x);
  return relu_squared(x);
}

// A logit of the head: c * tanh(x / c), or x itself without a cap.
CRAM_HOST_DEVICE ValueAndSlope cap(float x, float c) {
  if (c <= 0) return {x, 1.0f};
  const float t = tanhf(x / c);
  return {c * t, 1.0f - t * t};
}

// The sum of e^(x - most) over some numbers, and the greatest of them and the first place of it.
struct SoftmaxSum {
  float most = -INFINITY;
  float sum = 0;
  long long place = -1;

  CRAM_HOST_DEVICE void add(float x, long long at) {
    if (x == -INFINITY) return;
    if (x > most) {
      sum = sum * expf(most - x) + 1.0f;
      most = x;
      place = at;
    } else {
      sum += expf(x - most);
    }
  }

  // kCount neighbours, the first of them at place `at`.
  template <int kCount>
  CRAM_HOST_DEVICE void add(const float (&x)[kCount], long long at) {
    float top = x[0];
    for (int i = 1; i < kCount; ++i) top = fmaxf(top, x[i]);
    if (top == -INFINITY) {
      for (int i = 0; i < kCount; ++i) add(x[i], at + i);
      return;
    }
    if (top > most) {
      sum = sum == 0 ? 0.0f : sum * expf(most - top);
      most = top;
      for (int i = kCount - 1; i >= 0; --i) {
        if (x[i] == top) place = at + i;
      }
    }
    for (int i = 0; i < kCount; ++i) sum += expf(x[i] - most);
  }

  CRAM_HOST_DEVICE void add(const SoftmaxSum& other) {
    if (other.sum == 0) return;  // empty; one that is not a number is not
    const bool theirs =
        place < 0 || other.most > most || (other.most == most && other.place < place);
    const float top = theirs ? other.most : most;
    sum = (sum == 0 ? 0.0f : sum * expf(most - top)) + other.sum * expf(other.most - top);
    most = top;
    if (theirs) place = other.place;
  }
};

struct Pair {
  float first, second;
};

// Rotary positions (Su et al. 2021): the pair turned by an angle, and back.
CRAM_HOST_DEVICE Pair rotate(Pair x, float cos, float sin) {
  return {x.first * cos - x.second * sin, x.second * cos + x.first * sin};
}

// The gradient of a normalised element: `along` and `mean` are means over the row of dy * normed
// and of dy (0 for RMSNorm), dy being the gradient times the gain.
CRAM_HOST_DEVICE float norm_slope(float dy, float normed, float mean, float along, float scale) {
  return scale * (dy - mean - normed * along);
}

}  // namespace cram::cuda
