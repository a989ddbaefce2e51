// The weights of a part as the lists that ATen's foreach operations take.
#pragma once

#include <string>
#include <vector>

#include "cram/ops/weight.h"

#include "part.h"

namespace cram::optim {

struct WeightLists {
  explicit WeightLists(const ops::WeightList& weights);

  // Makes the gradients what a rule follows: unscaled, clipped, and zero in a skipped update,
  // which keeps what is not finite out of its state.
  void prepare_gradients(const Update& update) const;
  // Shrinks what decays by `amount`, an fp32 scalar on the device, of itself.
  void decay(const at::Tensor& amount) const;
  // Zeros in the masters' shapes.
  [[nodiscard]] std::vector<at::Tensor> make_state() const;
  // state += weight * (target - state), for the state tensors of all weights.
  static void lerp(at::TensorList state, at::TensorList target, const at::Tensor& weight);
  // Names the tensors prefix + the name of their weight.
  void append(NamedTensors& all, const std::string& prefix, at::TensorList state) const;

  ops::WeightList weights;  // those that decay first
  std::size_t decaying = 0;
  std::vector<at::Tensor> masters, grads;
};

}  // namespace cram::optim
