#include "cram/model/masked_lm.h"

#include <c10/core/GradMode.h>

#include "encoder.h"
#include "prediction_head.h"
#include "weight_builder.h"

namespace cram::model {

struct MaskedLanguageModel::Parts {
  Parts(const recipe::Model& options, const Shape& shape, WeightBuilder&& builder)
      : placement(builder.placement()),
        encoder(options, shape, builder),
        head(options, shape, encoder.token_table(), builder),
        weights(builder.take_weights()) {}

  Placement placement;
  Encoder encoder;
  PredictionHead head;
  ops::WeightList weights;
};

MaskedLanguageModel::MaskedLanguageModel(const recipe::Model& options, const Shape& shape,
                                         const Placement& placement, std::uint64_t seed)
    : parts_(std::make_unique<Parts>(options, shape, WeightBuilder(options, placement, seed))) {}

MaskedLanguageModel::~MaskedLanguageModel() = default;
MaskedLanguageModel::MaskedLanguageModel(MaskedLanguageModel&&) noexcept = default;

ops::MaskedLoss MaskedLanguageModel::loss(const MaskedInput& input, Mode mode,
                                          double z_loss) const {
  const EncoderInput sequences{.ids = input.ids, .documents = input.documents};
  return parts_->head.loss(parts_->encoder.hidden(sequences, input.positions, mode), input.targets,
                           z_loss);
}

at::Tensor MaskedLanguageModel::logits(const at::Tensor& ids, const at::Tensor& positions) const {
  const c10::NoGradGuard no_gradients;
  return parts_->head.logits(parts_->encoder.hidden({ids}, positions, Mode::kEvaluation));
}

at::Tensor MaskedLanguageModel::encode(const at::Tensor& ids, Mode mode) const {
  return parts_->encoder.hidden({ids}, {}, mode);
}

const ops::WeightList& MaskedLanguageModel::weights() const { return parts_->weights; }

ops::AttentionKernel MaskedLanguageModel::attention_kernel() const {
  return parts_->encoder.attention_kernel();
}

const Placement& MaskedLanguageModel::placement() const { return parts_->placement; }

}  // namespace cram::model
