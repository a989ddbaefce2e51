#include "cram/recipe/load.h"

namespace cram::recipe {

Recipe defaults(Purpose purpose) {
  Recipe recipe;
  if (purpose == Purpose::kPretraining) return recipe;
  recipe.purpose = purpose;
  recipe.name = "glue-sane";
  recipe.optimizer.learning_rate = 4e-5;
  recipe.optimizer.epsilon = 1e-6;
  recipe.optimizer.weight_decay = 0.0;
  recipe.optimizer.clip_norm = 0.0;
  recipe.schedule.shape = ScheduleShape::kCosine;
  recipe.schedule.warmup = 0.1;
  recipe.batch.size = 16;
  recipe.logging.every = Seconds(5);  // many tasks take less than a minute
  return recipe;
}

}  // namespace cram::recipe
