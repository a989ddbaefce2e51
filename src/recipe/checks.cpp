#include "checks.h"

#include <algorithm>
#include <limits>

#include "problems.h"

namespace cram::recipe {
namespace {

std::string number_of(std::int64_t value) { return std::to_string(value); }

std::string no_sources(const Recipe& recipe) {
  if (!recipe.data.sources.empty()) return {};
  return "'data.sources' names no text: give files, folders or globs";
}

template <class Number>
std::string one_for_each_source(const std::vector<Number>& numbers, const char* key,
                                const Recipe& recipe) {
  if (numbers.empty() || numbers.size() == recipe.data.sources.size()) return {};
  return "'" + std::string(key) + "' has " + std::to_string(numbers.size()) +
         " numbers, 'data.sources' has " + std::to_string(recipe.data.sources.size()) +
         " sources: give one for each";
}

std::string joins_of_sources(const Recipe& recipe) {
  return one_for_each_source(recipe.data.join_records, "data.join_records", recipe);
}

std::string epochs_of_sources(const Recipe& recipe) {
  return one_for_each_source(recipe.data.epochs, "data.epochs", recipe);
}

std::string document_limits(const Recipe& recipe) {
  const Data& data = recipe.data;
  if (data.min_document_bytes <= data.max_document_bytes) return {};
  return "'data.min_document_bytes' is larger than 'data.max_document_bytes'";
}

std::string lengths_double(const Recipe& recipe) {
  const Sequence& sequence = recipe.sequence;
  if (!sequence.start_length) return {};
  std::int64_t length = *sequence.start_length;
  while (length < sequence.length) length *= 2;
  if (length == sequence.length) return {};
  return "'sequence.start_length' (" + number_of(*sequence.start_length) +
         ") must become 'sequence.length' (" + number_of(sequence.length) +
         ") when it is doubled again and again";
}

std::string word_limits(const Recipe& recipe) {
  const Selection& selection = recipe.selection;
  if (selection.min_words <= selection.max_words) return {};
  return "'selection.min_words' is larger than 'selection.max_words'";
}

std::string heads_divide_hidden_size(const Recipe& recipe) {
  const Model& model = recipe.model;
  if (model.hidden_size % model.heads == 0) return {};
  return "'model.heads' (" + number_of(model.heads) + ") must divide 'model.hidden_size' (" +
         number_of(model.hidden_size) + ")";
}

std::string rotary_rotates_pairs(const Recipe& recipe) {
  const Model& model = recipe.model;
  if (model.positions != Positions::kRotary || model.hidden_size % model.heads != 0) return {};
  const std::int64_t head_size = model.hidden_size / model.heads;
  if (head_size % 2 == 0) return {};
  return "rotary positions need heads of even size; hidden_size / heads is " + number_of(head_size);
}

std::string waves_come_in_pairs(const Recipe& recipe) {
  const Model& model = recipe.model;
  const bool waves =
      model.positions == Positions::kSinusoidal || model.positions == Positions::kScaledSinusoidal;
  const bool narrow = model.embedding_size > 0;
  const std::int64_t width = narrow ? model.embedding_size : model.hidden_size;
  if (!waves || width % 2 == 0) return {};
  return std::string("sinusoidal positions need an even 'model.") +
         (narrow ? "embedding_size" : "hidden_size") + "', not " + number_of(width);
}

std::string decoder_is_as_wide(const Recipe& recipe) {
  const Model& model = recipe.model;
  if (model.embedding_size == 0 || model.embedding_size == model.hidden_size) return {};
  if (!model.tie_decoder || model.head_transform != HeadTransform::kNone) return {};
  return "to decode with embeddings of another width, 'model.head_transform' must not be none";
}

std::string positions_cover_sequence(const Recipe& recipe) {
  const Model& model = recipe.model;
  const bool has_table = model.positions != Positions::kRotary && model.max_positions != 0;
  if (!has_table || model.max_positions >= recipe.sequence.length) return {};
  if (!model.from.empty()) {
    return "'sequence.length' is " + number_of(recipe.sequence.length) + ", but the model in " +
           shown(model.from) + " has " + number_of(model.max_positions) + " positions";
  }
  return "'model.max_positions' (" + number_of(model.max_positions) +
         ") must be 0 or at least 'sequence.length' (" + number_of(recipe.sequence.length) + ")";
}

std::string one_segment_is_none(const Recipe& recipe) {
  // Models of others may have a table of one row.
  if (recipe.model.segments != 1 || !recipe.model.from.empty()) return {};
  return "'model.segments' must be 0 or from 2 to 16: one segment alone tells nothing apart";
}

std::string shares_of_masked(const Recipe& recipe) {
  const Objective& objective = recipe.objective;
  // Sums such as 0.7 + 0.3 may exceed 1 by a rounding error.
  if (objective.mask_share + objective.random_share <= 1 + 1e-9) return {};
  return "'objective.mask_share' and 'objective.random_share' are more than 1 together";
}

std::string inverse_sqrt_needs_warmup(const Recipe& recipe) {
  const Schedule& schedule = recipe.schedule;
  if (schedule.shape != ScheduleShape::kInverseSqrt || recipe.finetune.warmup_updates) return {};
  if (schedule.warmup > 0) return {};
  return "the schedule inverse-sqrt needs a 'schedule.warmup' above 0, such as 0.05";
}

std::string inverse_sqrt_needs_warmup_updates(const Recipe& recipe) {
  if (recipe.schedule.shape != ScheduleShape::kInverseSqrt) return {};
  if (recipe.finetune.warmup_updates.value_or(1) > 0) return {};
  return "the schedule inverse-sqrt needs a 'finetune.warmup_updates' above 0";
}

std::string warmup_ends_before_cooldown(const Recipe& recipe) {
  const Schedule& schedule = recipe.schedule;
  const bool has_both =
      schedule.shape == ScheduleShape::kConstant || schedule.shape == ScheduleShape::kInverseSqrt;
  const bool in_updates = recipe.finetune.warmup_updates.has_value();
  if (!has_both || in_updates || schedule.warmup + schedule.cooldown <= 1 + 1e-9) return {};
  const bool pretraining = recipe.purpose == Purpose::kPretraining;
  return std::string("'schedule.warmup' and 'schedule.cooldown' are more than ") +
         (pretraining ? "the whole budget" : "all of a task's updates") + " together";
}

std::string micro_batch_fits(const Recipe& recipe) {
  const Batch& batch = recipe.batch;
  if (!batch.micro_batch || *batch.micro_batch <= batch.size) return {};
  return "'batch.micro_batch' (" + number_of(*batch.micro_batch) +
         ") is larger than 'batch.size' (" + number_of(batch.size) + ")";
}

std::string seeds_can_be_counted(const Recipe& recipe) {
  if (recipe.seed <= std::numeric_limits<std::int64_t>::max() - recipe.finetune.seeds) return {};
  return "'seed' (" + number_of(recipe.seed) + ") is too large to count 'finetune.seeds' from it";
}

std::string validation_in_order(const Recipe& recipe) {
  const std::vector<double>& at = recipe.validation.at;
  if (std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end()) return {};
  return "'validation.at' must rise from item to item";
}

}  // namespace

const std::vector<Check>& checks() {
  static const std::vector<Check> all = {
      {{"data.sources"}, no_sources},
      {{"data.join_records", "data.sources"}, joins_of_sources},
      {{"data.epochs", "data.sources"}, epochs_of_sources},
      {{"data.min_document_bytes", "data.max_document_bytes"}, document_limits},
      {{"sequence.start_length", "sequence.length"}, lengths_double},
      {{"selection.min_words", "selection.max_words"}, word_limits},
      {{"model.hidden_size", "model.heads"}, heads_divide_hidden_size},
      {{"model.positions", "model.hidden_size", "model.heads"}, rotary_rotates_pairs},
      {{"model.positions", "model.hidden_size", "model.embedding_size"}, waves_come_in_pairs},
      {{"model.embedding_size", "model.head_transform", "model.tie_decoder"}, decoder_is_as_wide},
      {{"model.positions", "model.max_positions", "sequence.length"}, positions_cover_sequence},
      {{"model.segments", "model.from"}, one_segment_is_none},
      {{"objective.mask_share", "objective.random_share"}, shares_of_masked},
      {{"schedule.shape", "schedule.warmup"}, inverse_sqrt_needs_warmup},
      {{"schedule.shape", "finetune.warmup_updates"}, inverse_sqrt_needs_warmup_updates},
      {{"schedule.shape", "schedule.warmup", "schedule.cooldown"}, warmup_ends_before_cooldown},
      {{"batch.size", "batch.micro_batch"}, micro_batch_fits},
      {{"seed", "finetune.seeds"}, seeds_can_be_counted},
      {{"validation.at"}, validation_in_order},
  };
  return all;
}

}  // namespace cram::recipe
