// Muon (Jordan et al. 2024): Nesterov momentum whose singular values are all brought near 1 before
// each step, with steps of the length and the weight decay of Liu et al. 2025 (arXiv 2502.16982).
#pragma once

#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

#include "part.h"

namespace cram::optim {

// Stacked matrices are treated one by one, all those of one shape in one batch.
class Muon final : public Part {
 public:
  // Every weight has two dimensions, the first a multiple of its `stacked`.
  Muon(const recipe::Optimizer& options, const ops::WeightList& weights);
  void apply(const Update& update) override;
  // muon.momentum.<weight>, in the weight's shape.
  void append_state(NamedTensors& state) const override;

 private:
  struct Batch {
    std::int64_t rows = 0, columns = 0;  // of one matrix
    at::ScalarType type;                 // of the Newton-Schulz products: the weights' compute type
    ops::WeightList weights;
    at::Tensor momentum;  // fp32 [matrices, rows, columns], in the order of `weights`
  };
  void add(const ops::WeightPtr& weight);
  void apply(const Update& update, const Batch& batch) const;

  double learning_rate_, momentum_, weight_decay_;
  std::vector<Batch> batches_;
};

}  // namespace cram::optim
