// How the weights move: finetune, optimizer, schedule, batch.
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

Condition rises_from_zero() {
  return {"schedule.shape is linear, cosine, constant or inverse-sqrt",
          {"schedule.shape"},
          [](const Recipe& recipe) {
            return !has_shape(recipe, {ScheduleShape::kTriangle, ScheduleShape::kOneCycle});
          }};
}

// The length of the rise as a share; fine-tuning can give it in updates instead.
Condition rises_over_share(Purpose purpose) {
  if (purpose == Purpose::kPretraining) return rises_from_zero();
  return {
      "schedule.shape is linear, cosine, constant or inverse-sqrt and finetune.warmup_updates "
      "is unset",
      {"schedule.shape", "finetune.warmup_updates"},
      [](const Recipe& recipe) {
        return rises_from_zero().holds(recipe) && !recipe.finetune.warmup_updates;
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

Section finetune_section() {
  return SectionBuilder<FineTuning>("finetune", {&Recipe::finetune},
                                    "a pretrained encoder and a new head on a task with labels")
      .add("epochs", &FineTuning::epochs, count(1, 1000), "passes through the training examples")
      .add("max_length", &FineTuning::max_length, count(8, 8192),
           "tokens of an example, special ones included; longer ones are cut")
      .add("seeds", &FineTuning::seeds, count(1, 1000),
           "times that each task is done, with the seeds seed, seed + 1, ...")
      .add("pooling", &FineTuning::pooling, choice({"first-token", "mean"}),
           "what the head sees of a sequence: the state of its first token, or the mean of all")
      .add("head_size", &FineTuning::head_size, count(0, 65536),
           "width of the layer before the classifier; 0: the model's hidden_size, as in BERT")
      .add("dropout", &FineTuning::dropout, number(Range::from_below(0, 1)),
           "of hidden states, attention weights and the head, whatever the model was pretrained "
           "with")
      .add("warmup_updates", &FineTuning::warmup_updates, count(0),
           "updates of every task in which the rate rises from zero, however many the task has; "
           "unset: the share schedule.warmup",
           rises_from_zero())
      .add("max_examples", &FineTuning::max_examples, count(1),
           "train on that many examples of a task, the first ones; unset: all")
      .add("second_separator", &FineTuning::second_separator, flag(),
           "end a text that is no pair with two [SEP], like a pair with an empty second text")
      .build();
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

// What the schedule runs over, as explanations call it.
std::string whole(Purpose purpose) {
  return purpose == Purpose::kPretraining ? "the budget" : "a task's updates";
}

Section schedule_section(Purpose purpose) {
  return SectionBuilder<Schedule>(
             "schedule", {&Recipe::schedule},
             "the learning rate over " + whole(purpose) + ", as a factor on its peak")
      .add("shape", &Schedule::shape,
           choice({"triangle", "one-cycle", "linear", "cosine", "constant", "inverse-sqrt"}),
           "all but constant and inverse-sqrt end at zero")
      .add("warmup", &Schedule::warmup, number(Range::from_below(0, 1)),
           "share of " + whole(purpose) + " in which the rate rises from zero",
           rises_over_share(purpose))
      .add("cooldown", &Schedule::cooldown, number(Range::between(0, 1)),
           "share of " + whole(purpose) + " in which the rate falls to zero", with_cooldown())
      .add("start", &Schedule::start, number(Range::between(0, 1)), "factor at the start",
           triangle())
      .add("peak_at", &Schedule::peak_at, number(Range::between(0, 1)),
           "share of " + whole(purpose) + " at which the factor is 1", triangle())
      .build();
}

std::string unset_micro_batch(Purpose purpose) {
  return purpose == Purpose::kFineTuning
             ? "all of them, fewer where memory runs out"
             : "what suits the device, at most 8k tokens on a CPU, and at most 32k of those that "
               "fit on a GPU";
}

Section batch_section(Purpose purpose) {
  SectionBuilder<Batch> section("batch", {&Recipe::batch}, "sequences an update");
  section.add("size", &Batch::size, count(1, 1 << 24), "sequences an update");
  if (purpose == Purpose::kPretraining) {
    section.add("ramp", &Batch::ramp, number(Range::between(0, 1)),
                "the batch grows linearly to its size over this share of the budget", can_grow());
  }
  return section
      .add("micro_batch", &Batch::micro_batch, count(1, 1 << 24),
           "sequences that pass through the model at once; unset: " + unset_micro_batch(purpose))
      .build();
}

}  // namespace

std::vector<Section> training_sections(Purpose purpose) {
  std::vector<Section> sections;
  if (purpose == Purpose::kFineTuning) sections.push_back(finetune_section());
  sections.push_back(optimizer_section());
  sections.push_back(schedule_section(purpose));
  sections.push_back(batch_section(purpose));
  return sections;
}

}  // namespace cram::recipe
