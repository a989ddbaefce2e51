// The GPU kernels of the plug-in as the ops room calls them: plain numbers and pointers to the
// device's memory, so that the plug-in's kernels know no torch and ops needs no CUDA.
//
// Each call queues its work on `stream` and returns; tensors are dense, rows one after the other,
// and aligned to 16 bytes. None allocates memory. Sums are taken in fp32 and in an order that does
// not change from call to call.
#pragma once

#include <cstdint>

#include "cram/ops/activation_kind.h"

namespace cram::cuda {

enum class Element { kFloat, kHalf, kBFloat16 };

using Stream = void*;  // a cudaStream_t

// y = activation(x), or value * activation(gate) of x = [value | gate] in rows of 2 * width.
struct ActivationCall {
  Element element;
  ops::ActivationKind kind;
  bool gated;
  std::int64_t rows, width;  // of y; a multiple of kVector
  const void* x;
  const void* dy;  // of y, for the backward pass; null: forward
  void* out;       // y, or the gradient of x
  Stream stream;
};

inline constexpr std::int64_t kVector = 8;  // elements that a thread moves at once

// LayerNorm or RMSNorm of rows, of a residual + x where there is a residual.
struct NormShape {
  Element element;
  bool rms;
  float epsilon;
  std::int64_t rows, width;  // width: a multiple of kVector, at most kWidestNorm
  const void* gain;          // [width]
  const void* bias;          // [width] or null
};
inline constexpr std::int64_t kWidestNorm = 1024;

struct NormForwardCall {
  NormShape shape;
  const void* residual;  // or null
  const void* x;
  void* sum;          // residual + x; null without a residual
  void* y;            // the norm of the sum
  float* statistics;  // [rows, 2]: mean (0 for RMSNorm) and 1 / deviation
  Stream stream;
};

struct NormBackwardCall {
  NormShape shape;
  const void* x;            // what was normalised
  const void* dy;           // of the norm
  const void* direct;       // what reaches x past the norm, or null
  const float* statistics;  // of the forward call
  void* dx;
  float* partial;  // [kNormParts, 2, width], for the sums below
  float* dgain;    // [width], added to
  float* dbias;    // [width] or null, added to
  Stream stream;
};
inline constexpr std::int64_t kNormParts = 512;

// Softmax cross-entropy of rows of logits z = c * tanh((logits + bias) / c), without c where it is
// 0. Where gradients are wanted, those of the summed losses replace the logits.
struct LossCall {
  Element element;
  std::int64_t rows, vocabulary;
  std::int64_t stride;  // elements from row to row: a multiple of kVector
  void* logits;
  const void* bias;             // [vocabulary] or null
  const std::int64_t* targets;  // [rows]
  float softcap;
  bool gradients;
  float* losses;  // [rows]
  std::uint8_t*
      correct;  // [rows], 1 where the highest logit is the target's (the first of several)
  Stream stream;
};

// Queries and keys of attention put in their place: divided by their root mean square over the head
// where `norm` says so, then rotated where there are tables.
struct PlacingShape {
  Element element;
  std::int64_t batch, length, heads, head_size;  // head_size: one of those below
  bool norm;
  float epsilon;
  const float* cos;  // [length, head_size / 2] or null
  const float* sin;
};
[[nodiscard]] constexpr bool places_heads_of(std::int64_t head_size) {
  return head_size == 16 || head_size == 32 || head_size == 64 || head_size == 128;
}

struct PlacingForwardCall {
  PlacingShape shape;
  const void* qkv;  // [batch, length, 3, heads, head_size]
  void* queries;    // [batch, length, heads, head_size]
  void* keys;
  Stream stream;
};

// A tensor [batch, length, heads, head_size] whose last dimension is dense.
struct HeadRows {
  const void* data;
  std::int64_t batch, length, head;  // strides in elements, multiples of kVector
};

struct PlacingBackwardCall {
  PlacingShape shape;
  const void* qkv;
  HeadRows dqueries, dkeys, dvalues;
  void* dqkv;
  Stream stream;
};

struct Kernels {
  void (*activation)(const ActivationCall&);
  void (*norm_forward)(const NormForwardCall&);
  void (*norm_backward)(const NormBackwardCall&);
  void (*loss)(const LossCall&);
  void (*placing_forward)(const PlacingForwardCall&);
  void (*placing_backward)(const PlacingBackwardCall&);
  // That on which LibTorch queues its work on this device.
  Stream (*current_stream)(int device);
};

}  // namespace cram::cuda
