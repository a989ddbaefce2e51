// How the weights move: finetune, optimizer, schedule, batch.
#include "section_builder.h"

namespace cram::recipe {
namespace {

bool has_type(const Recipe& recipe, std::initializer_list<OptimizerType> types) {
  return std::find(types.begin(), types.end(), recipe.optimizer.type) != types.end();
}

Condition muon() {
  return {"optimizer.type is muon or normuon", {"optimizer.type"}, [](const Recipe& recipe) {
            return has_type(recipe, {OptimizerType::kMuon, OptimizerType::kNorMuon});
          }};
}

Condition normuon() {
  return {"optimizer.type is normuon", {"optimizer.type"}, [](const Recipe& recipe) {
            return has_type(recipe, {OptimizerType::kNorMuon});
          }};
}

Condition muon_with_rising_momentum() {
  return {"optimizer.type is muon or normuon and optimizer.muon_momentum_start is set",
          {"optimizer.type", "optimizer.muon_momentum_start"},
          [](const Recipe& recipe) {
            return muon().holds(recipe) && recipe.optimizer.muon_momentum_start;
          }};
}

Condition sgd() {
  return {"optimizer.type is sgd", {"optimizer.type"}, [](const Recipe& recipe) {
            return has_type(recipe, {OptimizerType::kSgd});
          }};
}

Condition with_betas() {
  return {"optimizer.type is not adafactor or sgd", {"optimizer.type"}, [](const Recipe& recipe) {
            return !has_type(recipe, {OptimizerType::kAdafactor, OptimizerType::kSgd});
          }};
}

Condition with_epsilon() {
  return {
      "optimizer.type is not lion, adafactor or sgd", {"optimizer.type"}, [](const Recipe& recipe) {
        return with_betas().holds(recipe) && !has_type(recipe, {OptimizerType::kLion});
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

// What schedules run over, as explanations call it.
std::string whole(Purpose purpose) {
  return purpose == Purpose::kPretraining ? "the budget" : "a task's updates";
}

Section finetune_section() {
  return SectionBuilder<FineTuning>("finetune", {&Recipe::finetune},
                                    "a pretrained encoder and a new head on a task with labels")
      .add("epochs", &FineTuning::epochs, count(1, 1000), "passes through the training examples")
      .add("max_length", &FineTuning::max_length, count(8, 8192),
           "tokens of an example, special ones included; longer ones are cut")
      .add("seeds", &FineTuning::seeds, count(1, 1000),
           "times that each task is done, with the seeds seed, seed + 1, ...")
      .deciding(Decides::kNothing)
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

using OptimizerBuilder = SectionBuilder<Optimizer>;

void add_muon(OptimizerBuilder& section, Purpose purpose) {
  section
      .add("muon_learning_rate", &Optimizer::muon_learning_rate, number(Range::above(0)),
           "the same for the matrices of the layers", muon())
      .add("muon_momentum", &Optimizer::muon_momentum, number(Range::from_below(0, 1)),
           "memory of the gradient of those matrices", muon())
      .add("muon_weight_decay", &Optimizer::muon_weight_decay, number(Range::from_below(0, 1)),
           "of those matrices", muon())
      .add("muon_momentum_start", &Optimizer::muon_momentum_start, number(Range::from_below(0, 1)),
           "muon_momentum is reached linearly from here; unset: it is the same throughout", muon())
      .add("muon_momentum_warmup", &Optimizer::muon_momentum_warmup, number(Range::between(0, 1)),
           "share of " + whole(purpose) + " in which it is reached", muon_with_rising_momentum())
      .add("muon_beta2", &Optimizer::muon_beta2, number(Range::from_below(0, 1)),
           "memory of the mean square of each row of the orthogonalised step", normuon());
}

Section optimizer_section(Purpose purpose) {
  OptimizerBuilder section("optimizer", {&Recipe::optimizer}, "how the weights move");
  section
      .add("type", &Optimizer::type,
           choice({"adamw", "adam", "muon", "normuon", "lion", "lamb", "adafactor", "sgd"}),
           "adam couples weight decay with the gradient (L2) as does sgd, the others do not; muon "
           "moves the matrices of the layers and leaves the rest to adamw, normuon evens out its "
           "steps row by row")
      .deciding(purpose == Purpose::kPretraining ? Decides::kState : Decides::kResult)
      .add("learning_rate", &Optimizer::learning_rate, number(Range::above(0)),
           "peak; schedule says how it is reached and left; adafactor takes it relative to the "
           "size of each weight")
      .add("beta1", &Optimizer::beta1, number(Range::from_below(0, 1)), "memory of the gradient",
           with_betas())
      .add("beta2", &Optimizer::beta2, number(Range::from_below(0, 1)),
           "memory of the squared gradient; of lion, the longer memory of the gradient",
           with_betas())
      .add("epsilon", &Optimizer::epsilon, number(Range::inside(0, 1)),
           "added to the root of the squared gradient", with_epsilon())
      .add("momentum", &Optimizer::momentum, number(Range::from_below(0, 1)),
           "share of the last step in the next", sgd())
      .add("weight_decay", &Optimizer::weight_decay, number(Range::from_below(0, 1)),
           "of matrices and tables, not of norms and biases")
      .add("clip_norm", &Optimizer::clip_norm, number(Range::at_least(0)),
           "limit of the norm of all gradients together; 0: none");
  add_muon(section, purpose);
  return section.build();
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
      // In fine-tuning there is dropout, which is drawn pass by pass.
      .deciding(purpose == Purpose::kPretraining ? Decides::kNothing : Decides::kResult)
      .build();
}

Condition averaging_is(std::string_view text, bool (*holds)(const Recipe&)) {
  return {text, {"averaging.type"}, holds};
}

Section averaging_section() {
  const Condition ema = averaging_is("averaging.type is ema", [](const Recipe& recipe) {
    return recipe.averaging.type == AveragingType::kEma;
  });
  const Condition latest = averaging_is("averaging.type is latest", [](const Recipe& recipe) {
    return recipe.averaging.type == AveragingType::kLatest;
  });
  const Condition any = averaging_is("averaging.type is not none", [](const Recipe& recipe) {
    return recipe.averaging.type != AveragingType::kNone;
  });
  return SectionBuilder<Averaging>("averaging", {&Recipe::averaging},
                                   "weights averaged over the way, measured beside the trained "
                                   "ones")
      .add("type", &Averaging::type, choice({"none", "ema", "latest"}),
           "ema: exponential moving average over all updates; latest: mean of snapshots")
      .add("decay", &Averaging::decay, number(Range::inside(0, 1)),
           "share of the average that an update leaves", ema)
      .add("count", &Averaging::count, count(1, 1000),
           "snapshots in the mean; each takes as much memory as the weights", latest)
      .add("every", &Averaging::every, number(Range::above_to(0, 1)),
           "share of the budget from one snapshot to the next", latest)
      .add("exported", &Averaging::exported, choice({"raw", "average"}),
           "which weights the model folder gets", any)
      .build();
}

}  // namespace

std::vector<Section> training_sections(Purpose purpose) {
  std::vector<Section> sections;
  if (purpose == Purpose::kFineTuning) sections.push_back(finetune_section());
  sections.push_back(optimizer_section(purpose));
  sections.push_back(schedule_section(purpose));
  sections.push_back(batch_section(purpose));
  if (purpose == Purpose::kPretraining) sections.push_back(averaging_section());
  return sections;
}

}  // namespace cram::recipe
