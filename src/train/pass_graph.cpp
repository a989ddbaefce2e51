#include "cram/train/pass_graph.h"

#include <utility>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include "cram/base/error.h"
#include "cram/train/out_of_memory.h"

#include "cuda_loader.h"

namespace cram::train {
namespace {

at::Tensor room_for(const at::Tensor& tensor) {
  return tensor.defined() ? at::empty_like(tensor) : at::Tensor();
}

void copy(const at::Tensor& from, const at::Tensor& to) {
  if (to.defined()) to.copy_(from, /*non_blocking=*/true);
}

model::MaskedInput room_for(const model::MaskedInput& batch) {
  return {room_for(batch.ids), room_for(batch.positions), room_for(batch.targets),
          room_for(batch.documents)};
}

void copy(const model::MaskedInput& from, const model::MaskedInput& to) {
  copy(from.ids, to.ids);
  copy(from.positions, to.positions);
  copy(from.targets, to.targets);
  copy(from.documents, to.documents);
}

}  // namespace

Capture capture_on(const c10::Device& device) {
  if (!device.is_cuda()) return {};
  return [index = int{device.index()}](const std::function<void()>& work) {
    try {
      return load_cuda().plugin->capture(index, work);
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const c10::Error& error) {
      throw Error(
          ErrorCode::kInternal, "a pass cannot be captured as a CUDA graph: " + first_line(error),
          "device.kernels=aten goes without graphs and our own kernels; please report this");
    }
  };
}

PassGraph::PassGraph(const model::MaskedInput& like, const Capture& capture, Compute compute)
    : input_(room_for(like)),
      loss_(at::zeros({}, like.ids.options().dtype(at::kFloat))),
      compute_(std::move(compute)),
      graph_(capture([this] { loss_.copy_(compute_(input_)); })) {}

at::Tensor PassGraph::launch(const model::MaskedInput& batch) {
  copy(batch, input_);
  graph_->launch();
  return loss_;
}

}  // namespace cram::train
