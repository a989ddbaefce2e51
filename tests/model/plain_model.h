// The model once more, in plain ATen and fp64, written straight from the papers (Devlin et al.
// 2019; Geiping & Goldstein 2022) and differentiated by autograd: the oracle of masked_lm_test.
#pragma once

#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include "cram/ops/weight.h"
#include "cram/recipe/recipe.h"

namespace cram::model::test {

class PlainModel {
 public:
  PlainModel(const recipe::Model& options, const ops::WeightList& weights);

  // Mean cross-entropy at `positions`; every position is computed, the masked ones are picked last.
  [[nodiscard]] at::Tensor loss(const at::Tensor& ids, const at::Tensor& positions,
                                const at::Tensor& targets) const;

  // fp64 leaves that collect gradients, by weight name.
  std::map<std::string, at::Tensor> weights;

 private:
  [[nodiscard]] at::Tensor weight(const std::string& name) const;
  [[nodiscard]] at::Tensor affine(const at::Tensor& x, const std::string& name) const;
  [[nodiscard]] at::Tensor norm(const at::Tensor& x, const std::string& name) const;
  [[nodiscard]] at::Tensor activation(const at::Tensor& x) const;
  [[nodiscard]] at::Tensor embed(const at::Tensor& ids) const;
  [[nodiscard]] at::Tensor attend(const at::Tensor& x, std::int64_t index,
                                  at::Tensor& first_values) const;
  [[nodiscard]] at::Tensor feed_forward(const at::Tensor& x, const std::string& layer) const;

  recipe::Model options_;
};

}  // namespace cram::model::test
