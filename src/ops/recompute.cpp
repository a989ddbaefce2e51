#include "cram/ops/recompute.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include <ATen/Context.h>
#include <torch/csrc/autograd/autograd.h>

#include "autograd.h"

namespace cram::ops {
namespace {

// ATen's generator of a device at one moment.
class RandomState {
 public:
  explicit RandomState(const at::Device& device)
      : generator_(at::globalContext().defaultGenerator(device)) {
    const std::scoped_lock lock(generator_.mutex());
    state_ = generator_.get_state();
  }

  void restore() {
    const std::scoped_lock lock(generator_.mutex());
    generator_.set_state(state_);
  }

  [[nodiscard]] at::Device device() const { return generator_.device(); }

 private:
  at::Generator generator_;
  at::Tensor state_;
};

// The generator as it was `then`, for a while; afterwards it goes on from where it is now.
class Replay {
 public:
  explicit Replay(RandomState& then) : now_(then.device()) { then.restore(); }
  ~Replay() { now_.restore(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

 private:
  RandomState now_;
};

std::optional<std::size_t> place_of(const at::Tensor& tensor, const variable_list& list) {
  const auto same = [&](const at::Tensor& other) { return other.is_same(tensor); };
  const auto found = std::find_if(list.begin(), list.end(), same);
  if (found == list.end()) return {};
  return static_cast<std::size_t>(found - list.begin());
}

// What a call has made: the tensors that are neither undefined, nor inputs, nor there already.
variable_list made_by_call(const variable_list& results, const variable_list& inputs) {
  variable_list made;
  for (const at::Tensor& result : results) {
    if (result.defined() && !place_of(result, inputs) && !place_of(result, made)) {
      made.push_back(result);
    }
  }
  return made;
}

variable_list without_undefined(const variable_list& tensors) {
  variable_list defined;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.defined()) defined.push_back(tensor);
  }
  return defined;
}

struct Call {
  TensorFunction function;
  std::vector<bool> defined;  // of the inputs
  std::optional<RandomState> random;

  variable_list repeat(const variable_list& inputs) {
    std::optional<Replay> replay;
    if (random) replay.emplace(*random);
    return function(inputs);
  }
};

struct RecomputeFunction : torch::autograd::Function<RecomputeFunction> {
  static variable_list forward(AutogradContext* context, at::TensorList inputs, Call call,
                               const variable_list& made) {
    context->save_for_backward(inputs.vec());
    context->set_materialize_grads(false);
    keep(context, std::move(call));
    return made;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list saved = context->get_saved_variables();
    auto& call = kept<Call>(context);
    const at::AutoGradMode recording(true);
    variable_list leaves;
    for (const at::Tensor& input : saved) {
      leaves.push_back(input.detach().set_requires_grad(input.requires_grad()));
    }
    variable_list inputs;
    auto next = leaves.begin();
    for (const bool defined : call.defined) inputs.push_back(defined ? *next++ : at::Tensor());
    backpropagate(made_by_call(call.repeat(inputs), inputs), outputs);
    variable_list gradients;
    for (const at::Tensor& leaf : leaves) gradients.push_back(leaf.grad());
    gradients.resize(gradients.size() + 2);  // of what is no tensor
    return gradients;
  }

 private:
  static void backpropagate(const variable_list& made, const variable_list& gradients) {
    require(made.size() == gradients.size(), "what is recomputed must return the same twice");
    variable_list reached, given;
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (!gradients[i].defined() || !made[i].requires_grad()) continue;
      reached.push_back(made[i]);
      given.push_back(gradients[i]);
    }
    if (!reached.empty()) torch::autograd::backward(reached, given);
  }
};

bool records(const variable_list& inputs) {
  return at::GradMode::is_enabled() &&
         std::any_of(inputs.begin(), inputs.end(),
                     [](const at::Tensor& input) { return input.requires_grad(); });
}

}  // namespace

std::vector<at::Tensor> recompute(TensorFunction function, const std::vector<at::Tensor>& inputs,
                                  bool random) {
  const variable_list given = without_undefined(inputs);
  if (!records(given)) return function(inputs);
  Call call{std::move(function), {}, {}};
  for (const at::Tensor& input : inputs) call.defined.push_back(input.defined());
  if (random) call.random.emplace(given.front().device());
  variable_list results;
  {
    const at::NoGradGuard unrecorded;
    results = call.function(inputs);
  }
  const variable_list made = made_by_call(results, inputs);
  const variable_list recorded =
      RecomputeFunction::apply(at::TensorList(given), std::move(call), made);
  for (at::Tensor& result : results) {
    if (const auto place = place_of(result, made)) result = recorded[*place];
  }
  return results;
}

}  // namespace cram::ops
