#pragma once

#include "activation_kernels.h"
#include "vector_math.h"

namespace cram::ops::cpu::CRAM_LEVEL {

// An activation and its derivative.
struct Slope {
  Floats value, derivative;
};

template <ActivationKind kind>
struct Curve;

// x times the normal distribution function. Its tail, erfc, is Abramowitz and Stegun's 7.1.26
// (absolute error 1.5e-7), whose exponential is also that of the density.
template <>
struct Curve<ActivationKind::kGelu> {
  CRAM_INLINE Slope at(Floats x) {
    const Floats density = exponential(x * x * -0.5f);
    const Floats t = 1.0f / (1.0f + magnitude(x) * (0.3275911f * 0.70710678f));
    Floats p = splat(1.061405429f);
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const Floats tail = 0.5f * p * t * density;
    const Floats share = x < 0 ? tail : 1.0f - tail;
    return {x * share, share + x * density * 0.39894228f};
  }
};

template <>
struct Curve<ActivationKind::kGeluTanh> {
  CRAM_INLINE Slope at(Floats x) {
    const Floats square = x * x;
    // 0.5 * (1 + tanh(u)) is sigmoid(2u).
    const Floats share = sigmoid(x * (1.59576912f + 0.0713548162f * square));
    const Floats slope = 1.59576912f + 0.214064448f * square;
    return {x * share, share + x * share * (1.0f - share) * slope};
  }
};

template <>
struct Curve<ActivationKind::kRelu> {
  CRAM_INLINE Slope at(Floats x) { return {x < 0 ? Floats{} : x, x > 0 ? splat(1.0f) : Floats{}}; }
};

template <>
struct Curve<ActivationKind::kReluSquared> {
  CRAM_INLINE Slope at(Floats x) {
    const Floats positive = x < 0 ? Floats{} : x;
    return {positive * positive, positive + positive};
  }
};

template <>
struct Curve<ActivationKind::kSilu> {
  CRAM_INLINE Slope at(Floats x) {
    const Floats share = sigmoid(x);
    return {x * share, share * (1.0f + x * (1.0f - share))};
  }
};

template <ActivationKind kind, typename T>
static void curve_forward(const ActivationCall<T>& call, Rows rows) {
  const std::int64_t begin = rows.begin * rows.width;
  for_vectors(rows.end * rows.width - begin, [&](std::int64_t i, auto extent) {
    const Floats x = load(call.x + begin + i, extent);
    store(call.result + begin + i, Curve<kind>::at(x).value, extent);
  });
}

template <ActivationKind kind, typename T>
static void curve_backward(const ActivationCall<T>& call, Rows rows) {
  const std::int64_t begin = rows.begin * rows.width;
  for_vectors(rows.end * rows.width - begin, [&](std::int64_t i, auto extent) {
    const Floats slope = Curve<kind>::at(load(call.x + begin + i, extent)).derivative;
    store(call.result + begin + i, load(call.dy + begin + i, extent) * slope, extent);
  });
}

template <ActivationKind kind, typename T>
static void curve_gated_forward(const ActivationCall<T>& call, Rows rows) {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const T* value = call.x + row * 2 * rows.width;
    const T* gate = value + rows.width;
    T* y = call.result + row * rows.width;
    for_vectors(rows.width, [&](std::int64_t i, auto extent) {
      const Floats open = Curve<kind>::at(load(gate + i, extent)).value;
      store(y + i, load(value + i, extent) * open, extent);
    });
  }
}

template <ActivationKind kind, typename T>
static void curve_gated_backward(const ActivationCall<T>& call, Rows rows) {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const T* value = call.x + row * 2 * rows.width;
    const T* gate = value + rows.width;
    const T* dy = call.dy + row * rows.width;
    T* dvalue = call.result + row * 2 * rows.width;
    T* dgate = dvalue + rows.width;
    for_vectors(rows.width, [&](std::int64_t i, auto extent) {
      const Slope open = Curve<kind>::at(load(gate + i, extent));
      const Floats d = load(dy + i, extent);
      store(dgate + i, d * load(value + i, extent) * open.derivative, extent);
      store(dvalue + i, d * open.value, extent);
    });
  }
}

// Calls f with the kind as a compile-time constant.
template <typename F>
CRAM_INLINE void with_kind(ActivationKind kind, const F& f) {
  switch (kind) {
    case ActivationKind::kGelu:
      return f.template operator()<ActivationKind::kGelu>();
    case ActivationKind::kGeluTanh:
      return f.template operator()<ActivationKind::kGeluTanh>();
    case ActivationKind::kRelu:
      return f.template operator()<ActivationKind::kRelu>();
    case ActivationKind::kReluSquared:
      return f.template operator()<ActivationKind::kReluSquared>();
    case ActivationKind::kSilu:
      return f.template operator()<ActivationKind::kSilu>();
  }
}

template <typename T>
static void activation_forward(const ActivationCall<T>& call, Rows rows) {
  with_kind(call.kind, [&]<ActivationKind kind>() { curve_forward<kind>(call, rows); });
}

template <typename T>
static void activation_backward(const ActivationCall<T>& call, Rows rows) {
  with_kind(call.kind, [&]<ActivationKind kind>() { curve_backward<kind>(call, rows); });
}

template <typename T>
static void gated_forward(const ActivationCall<T>& call, Rows rows) {
  with_kind(call.kind, [&]<ActivationKind kind>() { curve_gated_forward<kind>(call, rows); });
}

template <typename T>
static void gated_backward(const ActivationCall<T>& call, Rows rows) {
  with_kind(call.kind, [&]<ActivationKind kind>() { curve_gated_backward<kind>(call, rows); });
}

template <typename T>
constexpr ActivationKernels<T> activation_kernels() {
  return {activation_forward<T>, activation_backward<T>, gated_forward<T>, gated_backward<T>};
}

}  // namespace cram::ops::cpu::CRAM_LEVEL
