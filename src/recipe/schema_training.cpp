// How the weights move: optimizer, schedule, batch.
#include "section_builder.h"

namespace cram::recipe {
namespace {

Condition muon() {
  return {"optimizer.type is muon", {"optimizer.type"}, [](const Recipe& recipe) {
            return recipe.optimizer.type == OptimizerType::kMuon;
          }};
}

bool has_shape(const Recipe& recipe, std::initializer_list<ScheduleShape> shapes) {
  return std::find(shapes.begin(), shapes.end(), recipe.schedule.shape) != shapes.end();
}

Condition triangle() {
  return {"schedule.shape is triangle", {"schedule.shape"}, [](const Recipe& recipe) {
            return has_shape(recipe, {ScheduleShape::kTriangle});
          }};
}

Condition with_warmup() {
  return {"schedule.shape is linear, cosine, constant or inverse-sqrt",
          {"schedule.shape"},
          [](const Recipe& recipe) {
            return !has_shape(recipe, {ScheduleShape::kTriangle, ScheduleShape::kOneCycle});
          }};
}

Condition with_cooldown() {
  return {
      "schedule.shape is constant or inverse-sqrt", {"schedule.shape"}, [](const Recipe& recipe) {
        return has_shape(recipe, {ScheduleShape::kConstant, ScheduleShape::kInverseSqrt});
      }};
}

Condition can_grow() {
  return {"batch.micro_batch is unset or smaller than batch.size",
          {"batch.micro_batch", "batch.size"},
          [](const Recipe& recipe) {
            return !recipe.batch.micro_batch || *recipe.batch.micro_batch < recipe.batch.size;
          }};
}

Section optimizer_section() {
  return SectionBuilder<Optimizer>("optimizer", {&Recipe::optimizer}, "how the weights move")
      .add("type", &Optimizer::type, choice({"adamw", "adam", "muon"}),
           "adam couples weight decay with the gradient (L2), adamw does not; muon moves the "
           "matrices of the layers and leaves the rest to adamw")
      .add("learning_rate", &Optimizer::learning_rate, number(Range::above(0)),
           "peak; schedule says how it is reached and left")
      .add("beta1", &Optimizer::beta1, number(Range::from_below(0, 1)), "memory of the gradient")
      .add("beta2", &Optimizer::beta2, number(Range::from_below(0, 1)),
           "memory of the squared gradient")
      .add("epsilon", &Optimizer::epsilon, number(Range::inside(0, 1)),
           "added to the root of the squared gradient")
      .add("weight_decay", &Optimizer::weight_decay, number(Range::from_below(0, 1)),
           "of matrices and tables, not of norms and biases")
      .add("clip_norm", &Optimizer::clip_norm, number(Range::at_least(0)),
           "limit of the norm of all gradients together; 0: none")
      .add("muon_learning_rate", &Optimizer::muon_learning_rate, number(Range::above(0)),
           "the same for the matrices of the layers", muon())
      .add("muon_momentum", &Optimizer::muon_momentum, number(Range::from_below(0, 1)),
           "memory of the gradient of those matrices", muon())
      .add("muon_weight_decay", &Optimizer::muon_weight_decay, number(Range::from_below(0, 1)),
           "of those matrices", muon())
      .build();
}

Section schedule_section() {
  return SectionBuilder<Schedule>("schedule", {&Recipe::schedule},
                                  "the learning rate over the budget, as a factor on its peak")
      .add("shape", &Schedule::shape,
           choice({"triangle", "one-cycle", "linear", "cosine", "constant", "inverse-sqrt"}),
           "all but constant and inverse-sqrt end at zero")
      .add("warmup", &Schedule::warmup, number(Range::from_below(0, 1)),
           "share of the budget in which the rate rises from zero", with_warmup())
      .add("cooldown", &Schedule::cooldown, number(Range::between(0, 1)),
           "share of the budget in which the rate falls to zero", with_cooldown())
      .add("start", &Schedule::start, number(Range::between(0, 1)), "factor at the start",
           triangle())
      .add("peak_at", &Schedule::peak_at, number(Range::between(0, 1)),
           "share of the budget at which the factor is 1", triangle())
      .build();
}

Section batch_section() {
  return SectionBuilder<Batch>("batch", {&Recipe::batch}, "sequences an update")
      .add("size", &Batch::size, count(1, 1 << 24), "sequences an update")
      .add("ramp", &Batch::ramp, number(Range::between(0, 1)),
           "the batch grows linearly to its size over this share of the budget", can_grow())
      .add("micro_batch", &Batch::micro_batch, count(1, 1 << 24),
           "sequences that pass through the model at once; unset: what suits the device, at "
           "most 8k tokens on a CPU, and at most 32k of those that fit on a GPU")
      .build();
}

}  // namespace

std::vector<Section> training_sections() {
  return {optimizer_section(), schedule_section(), batch_section()};
}

}  // namespace cram::recipe
