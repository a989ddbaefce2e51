#include "cram/model/activation.h"

namespace cram::model {

ops::ActivationKind activation_kind(recipe::Activation activation) {
  switch (activation) {
    case recipe::Activation::kGelu:
      return ops::ActivationKind::kGelu;
    case recipe::Activation::kGeluTanh:
      return ops::ActivationKind::kGeluTanh;
    case recipe::Activation::kRelu:
      return ops::ActivationKind::kRelu;
    case recipe::Activation::kReluSquared:
      return ops::ActivationKind::kReluSquared;
    case recipe::Activation::kSilu:
      return ops::ActivationKind::kSilu;
  }
  return ops::ActivationKind::kGelu;
}

}  // namespace cram::model
