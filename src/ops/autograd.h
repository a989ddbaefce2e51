// What the operations' autograd functions share.
//
// A Weight's compute copy is an input of its operation, so the graph reaches back to it and runs
// the operation's backward pass; its gradient stays undefined, for the backward pass itself adds to
// Weight::grad.
#pragma once

#include <string>
#include <utility>

#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "cram/base/error.h"
#include "cram/ops/weight.h"

namespace cram::ops {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What a context carries to its backward pass besides the tensors that are inputs or outputs (those
// go through save_for_backward, which knows about cycles).
template <typename State>
struct Kept : torch::CustomClassHolder {
  explicit Kept(State s) : state(std::move(s)) {}
  State state;
};

template <typename State>
void keep(AutogradContext* context, State state) {
  context->saved_data["state"] =
      c10::IValue::make_capsule(c10::make_intrusive<Kept<State>>(std::move(state)));
}

template <typename State>
State& kept(AutogradContext* context) {
  return static_cast<Kept<State>*>(context->saved_data.at("state").toCapsule().get())->state;
}

// The compute copy of a weight that may be null.
inline at::Tensor compute_of(const WeightPtr& weight) {
  return weight ? weight->compute : at::Tensor();
}

// What an operation takes as inputs for the graph to reach its weights. Hand it over as an
// at::TensorList: autograd does not look into other lists. As nulls are left out, backward passes
// return an undefined gradient for every weight there might be; a surplus is allowed.
inline variable_list computes(const WeightList& weights) {
  variable_list tensors;
  for (const auto& weight : weights) {
    if (weight) tensors.push_back(weight->compute);
  }
  return tensors;
}

inline void require(bool condition, const char* message) {
  if (!condition) throw Error(ErrorCode::kInternal, message);
}

}  // namespace cram::ops
