// Muon (Jordan et al. 2024): Nesterov momentum whose singular values are all brought near 1 before
// each step, with steps of the length and the weight decay of Liu et al. 2025 (arXiv 2502.16982);
// and NorMuon (Li et al. 2025, arXiv 2510.05491, algorithm 1), which then evens out the rows, the
// neurons, by their second moments.
#pragma once

#include <vector>

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
  // muon.momentum.<weight>, in the weight's shape, and for NorMuon muon.row_squares.<weight>.
  void append_state(NamedTensors& state) const override;

 private:
  struct Batch {
    std::int64_t rows = 0, columns = 0;  // of one matrix
    at::ScalarType type;                 // of the Newton-Schulz products: the weights' compute type
    ops::WeightList weights;
    at::Tensor momentum;     // fp32 [matrices, rows, columns], in the order of `weights`
    at::Tensor row_squares;  // fp32 [matrices, rows, 1], NorMuon's; else undefined

    // What each weight has of a tensor whose first dimension is the matrices.
    [[nodiscard]] std::vector<at::Tensor> parts(const at::Tensor& tensor) const;
    // On steps of orthogonal matrices: they then move an element by 0.2 on average.
    [[nodiscard]] double step_length() const;
  };
  void add(const ops::WeightPtr& weight);
  [[nodiscard]] double rate(const Update& update) const;
  // The directions, orthogonalised and with NorMuon evened out: fp32 [matrices, rows, columns].
  [[nodiscard]] at::Tensor steps(const Update& update, const Batch& batch,
                                 const at::Tensor& directions) const;
  void apply_in_two_passes(const Update& update, const Batch& batch) const;
  void apply_by_aten(const Update& update, const Batch& batch) const;

  recipe::Optimizer options_;
  std::vector<Batch> batches_;
};

}  // namespace cram::optim
