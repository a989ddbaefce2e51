// LayerNorm and RMSNorm, with the residual that comes before them. A warp has a row in its
// registers, so each direction reads and writes every tensor once.
#include <algorithm>

#include "arithmetic.h"
#include "device.cuh"
#include "kernel_list.h"

namespace cram::cuda {
namespace {

constexpr int kWarps = 4;  // of a block
constexpr int kThreads = kWarps * kWarp;
constexpr int kWarpVector = kWarp * kVector;  // elements that a warp moves at once

// A lane's share of a row: kParts vectors, kWarpVector apart.
template <typename T, int kParts>
struct Row {
  float x[kParts][kVector];

  // f(part, first element) for the parts that lie within the row.
  template <typename F>
  __device__ static void each(std::int64_t width, const F& f) {
    const int lane = threadIdx.x % kWarp;
#pragma unroll
    for (int part = 0; part < kParts; ++part) {
      const int first = part * kWarpVector + lane * kVector;
      if (first < width) f(part, first);
    }
  }

  __device__ void clear() {
#pragma unroll
    for (int part = 0; part < kParts; ++part) {
#pragma unroll
      for (int i = 0; i < kVector; ++i) x[part][i] = 0;
    }
  }

  // Each element becomes f(itself, the other row's).
  template <typename F>
  __device__ void combine(const Row& other, const F& f) {
#pragma unroll
    for (int part = 0; part < kParts; ++part) {
#pragma unroll
      for (int i = 0; i < kVector; ++i) x[part][i] = f(x[part][i], other.x[part][i]);
    }
  }

  __device__ void load(const T* from, std::int64_t width) {
    clear();
    each(width, [&](int part, int first) { set(part, Vector<T>::load(from + first)); });
  }

  __device__ void store(T* to, std::int64_t width) const {
    each(width, [&](int part, int first) {
      Vector<T> v;
#pragma unroll
      for (int i = 0; i < kVector; ++i) v.x[i] = x[part][i];
      v.store(to + first);
    });
  }

 private:
  __device__ void set(int part, const Vector<T>& v) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) x[part][i] = v.x[i];
  }
};

template <typename T, bool kRms, int kParts>
__global__ void __launch_bounds__(kThreads) forward(NormForwardCall call) {
  const std::int64_t width = call.shape.width;
  const std::int64_t row = std::int64_t{blockIdx.x} * kWarps + threadIdx.x / kWarp;
  if (row >= call.shape.rows) return;
  using Share = Row<T, kParts>;
  Share x;
  x.load(static_cast<const T*>(call.x) + row * width, width);
  if (call.residual != nullptr) {
    Share residual;
    residual.load(static_cast<const T*>(call.residual) + row * width, width);
    x.combine(residual, [](float a, float b) { return rounded<T>(a + b); });
    x.store(static_cast<T*>(call.sum) + row * width, width);
  }
  const float count = static_cast<float>(width);
  float mean = 0;
  if (!kRms) {
    float sum = 0;
    Share::each(width, [&](int part, int) {
#pragma unroll
      for (int i = 0; i < kVector; ++i) sum += x.x[part][i];
    });
    mean = warp_sum(sum) / count;
  }
  float squares = 0;
  Share::each(width, [&](int part, int) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      const float off = x.x[part][i] - mean;
      squares += off * off;
    }
  });
  const float scale = rsqrtf(warp_sum(squares) / count + call.shape.epsilon);
  Share::each(width, [&](int part, int first) {
    const auto gain = Vector<T>::load(static_cast<const T*>(call.shape.gain) + first);
#pragma unroll
    for (int i = 0; i < kVector; ++i) x.x[part][i] = (x.x[part][i] - mean) * scale * gain.x[i];
    if (call.shape.bias == nullptr) return;
    const auto bias = Vector<T>::load(static_cast<const T*>(call.shape.bias) + first);
#pragma unroll
    for (int i = 0; i < kVector; ++i) x.x[part][i] += bias.x[i];
  });
  x.store(static_cast<T*>(call.y) + row * width, width);
  if (threadIdx.x % kWarp == 0) {
    call.statistics[2 * row] = mean;
    call.statistics[2 * row + 1] = scale;
  }
}

// The sums over a block's rows go to partial[block], those of the bias after those of the gain.
template <typename T, int kParts>
__device__ void write_partial(const Row<float, kParts>& sums, std::int64_t width, float* to) {
  __shared__ float shared[kWarps][kParts * kWarpVector];
  const int warp = threadIdx.x / kWarp;
  Row<float, kParts>::each(width, [&](int part, int first) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) shared[warp][first + i] = sums.x[part][i];
  });
  __syncthreads();
  for (int column = threadIdx.x; column < width; column += kThreads) {
    float sum = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) sum += shared[w][column];
    to[column] = sum;
  }
  __syncthreads();
}

template <typename T, bool kRms, int kParts>
__global__ void __launch_bounds__(kThreads) backward(NormBackwardCall call) {
  const std::int64_t width = call.shape.width;
  const float count = static_cast<float>(width);
  using Share = Row<T, kParts>;
  Row<float, kParts> dgain, dbias;
  dgain.clear();
  dbias.clear();
  const std::int64_t warps = std::int64_t{gridDim.x} * kWarps;
  for (std::int64_t row = std::int64_t{blockIdx.x} * kWarps + threadIdx.x / kWarp;
       row < call.shape.rows; row += warps) {
    Share x, dy;
    x.load(static_cast<const T*>(call.x) + row * width, width);
    dy.load(static_cast<const T*>(call.dy) + row * width, width);
    const float mean = call.statistics[2 * row], scale = call.statistics[2 * row + 1];
    float sum = 0, along = 0;
    Share::each(width, [&](int part, int first) {
      const auto gain = Vector<T>::load(static_cast<const T*>(call.shape.gain) + first);
#pragma unroll
      for (int i = 0; i < kVector; ++i) {
        const float normed = (x.x[part][i] - mean) * scale;
        const float grad = dy.x[part][i];
        dgain.x[part][i] += grad * normed;
        if (!kRms) dbias.x[part][i] += grad;
        x.x[part][i] = normed;
        dy.x[part][i] = grad * gain.x[i];
        if (!kRms) sum += dy.x[part][i];
        along += dy.x[part][i] * normed;
      }
    });
    const float mean_dy = kRms ? 0.0f : warp_sum(sum) / count;
    const float mean_along = warp_sum(along) / count;
    dy.combine(x, [&](float grad, float normed) {
      return norm_slope(grad, normed, mean_dy, mean_along, scale);
    });
    if (call.direct != nullptr) {
      x.load(static_cast<const T*>(call.direct) + row * width, width);
      dy.combine(x, [](float a, float b) { return a + b; });
    }
    dy.store(static_cast<T*>(call.dx) + row * width, width);
  }
  float* partial = call.partial + std::int64_t{blockIdx.x} * 2 * width;
  write_partial<T, kParts>(dgain, width, partial);
  if (call.dbias != nullptr) write_partial<T, kParts>(dbias, width, partial + width);
}

// to[column] += the column's sum over the parts; blockIdx.y chooses gain or bias.
__global__ void add_parts(const float* partial, int parts, std::int64_t width, float* dgain,
                          float* dbias) {
  __shared__ float shared[kWarp][kWarp + 1];
  const std::int64_t column = std::int64_t{blockIdx.x} * kWarp + threadIdx.x;
  float sum = 0;
  if (column < width) {
    for (int part = threadIdx.y; part < parts; part += kWarp) {
      sum += partial[(std::int64_t{part} * 2 + blockIdx.y) * width + column];
    }
  }
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  const float total = warp_sum(shared[threadIdx.x][threadIdx.y]);
  const std::int64_t mine = std::int64_t{blockIdx.x} * kWarp + threadIdx.y;
  if (threadIdx.x == 0 && mine < width) (blockIdx.y == 0 ? dgain : dbias)[mine] += total;
}

template <typename T, bool kRms, int kParts>
void launch(const NormForwardCall& call) {
  forward<T, kRms, kParts>
      <<<blocks_for(call.shape.rows, kWarps), kThreads, 0, stream_of(call.stream)>>>(call);
}

template <typename T, bool kRms, int kParts>
void launch(const NormBackwardCall& call) {
  const unsigned parts = static_cast<unsigned>(
      std::min<std::int64_t>(kNormParts, blocks_for(call.shape.rows, kWarps)));
  const cudaStream_t stream = stream_of(call.stream);
  backward<T, kRms, kParts><<<parts, kThreads, 0, stream>>>(call);
  const dim3 grid(blocks_for(call.shape.width, kWarp), call.dbias == nullptr ? 1 : 2);
  add_parts<<<grid, dim3(kWarp, kWarp), 0, stream>>>(call.partial, static_cast<int>(parts),
                                                     call.shape.width, call.dgain, call.dbias);
}

template <typename T, bool kRms, typename Call>
void launch_width(const Call& call) {
  switch (blocks_for(call.shape.width, kWarpVector)) {
    case 1:
      return launch<T, kRms, 1>(call);
    case 2:
      return launch<T, kRms, 2>(call);
    case 3:
      return launch<T, kRms, 3>(call);
    default:
      return launch<T, kRms, 4>(call);
  }
}

template <typename Call>
void launch_any(const Call& call) {
  if (call.shape.rows == 0) return;
  with_element(call.shape.element, [&]<typename T>() {
    if (call.shape.rms) return launch_width<T, true>(call);
    launch_width<T, false>(call);
  });
  check_launch("norm");
}

}  // namespace

void norm_forward(const NormForwardCall& call) { launch_any(call); }
void norm_backward(const NormBackwardCall& call) { launch_any(call); }

}  // namespace cram::cuda
