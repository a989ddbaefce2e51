// Makes the weights of a model: names them, draws their initial values, keeps the list.
#pragma once

#include <string>

#include "cram/model/placement.h"
#include "cram/ops/functions.h"
#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

namespace cram::model {

// Which rule of the initialisation scheme applies to a matrix.
enum class MatrixKind {
  kTable,        // embeddings and decoders
  kQkv,          // three stacked matrices: queries, keys, values
  kInner,        // other matrices inside a block
  kBlockOutput,  // the last matrix of a block, whose output joins the residual stream
  kTaskHead,     // N(0, 0.02) whatever the scheme
};

class WeightBuilder {
 public:
  WeightBuilder(const recipe::Model& options, const Placement& placement, std::uint64_t seed)
      : options_(options), placement_(placement), seed_(seed) {}

  // [rows, columns], drawn by the recipe's scheme.
  ops::WeightPtr matrix(const std::string& name, ops::WeightRole role, MatrixKind kind,
                        std::int64_t rows, std::int64_t columns);
  // [size], all zero; null when `wanted` is false.
  ops::WeightPtr bias(const std::string& name, std::int64_t size, bool wanted);
  // [1, 1], a learned scale.
  ops::WeightPtr scale(const std::string& name, double value);
  // Gain 1 and, where the recipe has it, bias 0; named <name>.gain and <name>.bias.
  ops::Norm norm(const std::string& name, std::int64_t width);
  ops::Norm norm(const std::string& name) { return norm(name, options_.hidden_size); }

  [[nodiscard]] const Placement& placement() const { return placement_; }
  // From here on weights compute in fp32.
  void use_full_precision() { placement_.compute_type = c10::kFloat; }
  [[nodiscard]] ops::WeightList take_weights() { return std::move(weights_); }

 private:
  ops::WeightPtr add(const std::string& name, ops::WeightRole role, const at::Tensor& value);

  const recipe::Model& options_;
  Placement placement_;
  std::uint64_t seed_;
  ops::WeightList weights_;
};

}  // namespace cram::model
