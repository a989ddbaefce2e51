// Adafactor (Shazeer & Stern 2018, arXiv 1804.04235, algorithms 4 and 5) without momentum: of a
// matrix's squared gradients only the means of rows and columns are remembered.
#pragma once

#include "cram/recipe/recipe.h"

#include "weight_lists.h"

namespace cram::optim {

// The learning rate is the relative one, rho, of each stacked matrix's root mean square; the
// paper's constants stand: memory 1 - t^-0.8, updates clipped at a root mean square of 1, sizes of
// at least 1e-3. Decoupled weight decay, which the paper does not have.
class Adafactor final : public Part {
 public:
  Adafactor(const recipe::Optimizer& options, const ops::WeightList& weights);
  void apply(const Update& update) override;
  // adafactor.step, then adafactor.row.<weight> and adafactor.column.<weight> of a matrix,
  // adafactor.square.<weight> of a vector.
  void append_state(NamedTensors& state) const override;

 private:
  // Means of squared gradients: of each row [stacked, rows, 1] and column [stacked, 1, columns] of
  // a matrix; of a vector as it is, in `rows`.
  struct Squares {
    at::Tensor rows, columns;
    [[nodiscard]] bool factored() const { return columns.defined(); }
  };
  // The mean squares that are expected now.
  static at::Tensor remember(const Squares& squares, const at::Tensor& square,
                             const at::Tensor& forgets);

  double learning_rate_, weight_decay_;
  WeightLists lists_;
  at::Tensor step_;  // fp32 scalar on the device
  std::vector<Squares> squares_;
};

}  // namespace cram::optim
