#include "cram/finetune/job.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "cram/base/file.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/base/units.h"
#include "cram/checkpoint/restore.h"
#include "cram/checkpoint/store.h"
#include "cram/checkpoint/task_folder.h"
#include "cram/finetune/objective.h"
#include "cram/finetune/prediction.h"
#include "cram/finetune/tuner.h"
#include "cram/glue/problem_name.h"
#include "cram/optim/optimizer.h"
#include "cram/train/card_facts.h"
#include "cram/train/run_folder.h"

#include "error_listing.h"
#include "job_record.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kErrors = 20;

// Where a job keeps what.
struct JobPaths {
  fs::path root;
  [[nodiscard]] fs::path result() const { return root / "result.json"; }
  [[nodiscard]] fs::path checkpoints() const { return root / "checkpoints"; }
  [[nodiscard]] fs::path model() const { return root / "model"; }
};

// Of a finished job: the checkpoints that it went on from.
void remove_leftovers(const JobPaths& paths) {
  std::error_code ignored;
  fs::remove_all(paths.checkpoints(), ignored);
}

// Says of every record whose it is.
class NamedEvents final : public report::EventSink {
 public:
  NamedEvents(report::EventSink& sink, std::string task, std::int64_t seed)
      : sink_(sink), task_(std::move(task)), seed_(seed) {}

  void record(const report::Event& event) override {
    report::Event named = event;
    if (auto* const progress = std::get_if<report::Progress>(&named)) {
      progress->task = task_;
      progress->seed = seed_;
    } else if (auto* const note = std::get_if<report::Note>(&named)) {
      Json details = Json::parse(note->json);
      details["task"] = task_;
      details["seed"] = seed_;
      note->json = details.dump();
    }
    sink_.record(named);
  }

 private:
  report::EventSink& sink_;
  std::string task_;
  std::int64_t seed_;
};

class Job {
 public:
  Job(const JobParts& parts, std::int64_t seed, const fs::path& folder)
      : parts_(parts),
        seed_(seed),
        events_(parts.events, parts.workload.name(), seed),
        paths_{folder},
        head_(task_head(parts.workload.data, parts.recipe.finetune)),
        how_to_predict_(
            prediction_options(parts.workload.data, parts.pretrained.recipe.model.segments > 1)),
        model_(make_task_model(parts.pretrained, head_, parts.recipe.finetune, parts.placement,
                               static_cast<std::uint64_t>(seed))),
        optimizer_(optim::make_optimizer(parts.recipe.optimizer, model_->weights())) {}

  JobOutcome run() {
    checkpoint::Store store(paths_.checkpoints(), parts_.recipe.checkpoint.keep);
    Tuner tuner({.recipe = parts_.recipe,
                 .seed = static_cast<std::uint64_t>(seed_),
                 .model = *model_,
                 .optimizer = *optimizer_,
                 .inputs = parts_.workload.training,
                 .problem = parts_.workload.data.problem,
                 .segments = how_to_predict_.segments,
                 .store = store,
                 .events = events_,
                 .clock = parts_.clock,
                 .environment = parts_.environment});
    note("started", {{"updates", tuner.total_updates()}});
    if (const auto state = store.load_latest()) {
      tuner.restore(*state);
      note("resumed", {{"step", state->step}});
    }
    JobOutcome outcome;
    outcome.result.score.seed = seed_;
    try {
      outcome.signal = tuner.run(
          [&](std::int64_t epoch) { evaluate(epoch, tuner.position().step, outcome.result); });
      if (outcome.signal == 0) finish(tuner, outcome.result);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDiverged) throw;
      give_up(error, outcome.result);
    }
    return outcome;
  }

 private:
  [[nodiscard]] std::vector<Prediction> predictions(const std::vector<Input>& inputs,
                                                    const glue::Split& split) const {
    return predict(*model_, inputs, split, parts_.workload.data, how_to_predict_);
  }

  // Scores the model on the dev splits; the last epoch is what counts.
  void evaluate(std::int64_t epoch, std::int64_t step, JobResult& result) {
    const Workload& workload = parts_.workload;
    result.score.splits.clear();
    for (std::size_t i = 0; i < workload.dev.size(); ++i) {
      const glue::Split& split = workload.data.dev[i];
      const auto predicted = predictions(workload.dev[i], split);
      result.score.splits.push_back(
          {split.name, measure(predicted, split, workload.data, workload.metrics)});
      record(epoch, step, result.score.splits.back());
      const bool decides = i == 0 && epoch == parts_.recipe.finetune.epochs;
      if (!decides) continue;
      result.confusion = confusion_of(predicted, split);
      result.errors = worst_errors(predicted, split, workload.data, kErrors);
    }
  }

  [[nodiscard]] glue::Confusion confusion_of(const std::vector<Prediction>& predicted,
                                             const glue::Split& split) const {
    if (parts_.workload.data.problem != glue::Problem::kClassification) return {};
    const KnownLabels known = known_classes(predicted, split);
    return glue::confusion(known.predicted, known.truth,
                           static_cast<int>(parts_.workload.data.labels.size()));
  }

  void record(std::int64_t epoch, std::int64_t step, const glue::SplitScore& score) {
    std::string message = parts_.workload.name() + " seed " + std::to_string(seed_) + ", epoch " +
                          std::to_string(epoch) + ", " + score.split + ":";
    Json metrics = Json::object();
    for (const glue::Measured& measured : score.metrics) {
      char number[48];
      std::snprintf(number, sizeof number, " %s %.2f %%", glue::name(measured.metric),
                    100 * measured.value);
      message += number;
      metrics[glue::name(measured.metric)] = measured.value;
    }
    note("evaluated", {{"message", message},
                       {"epoch", epoch},
                       {"step", step},
                       {"split", score.split},
                       {"metrics", metrics}});
  }

  void note(const std::string& kind, const Json& details) {
    events_.record(report::Note{kind, details.dump()});
  }

  // The result comes last: a job without it is not finished.
  void finish(Tuner& tuner, JobResult& result) {
    result.score.seconds = tuner.position().spent.count();
    result.score.examples = tuner.position().sequences;
    result.score.tokens = tuner.position().tokens;
    try {
      const checkpoint::TaskFolder model{
          parts_.pretrained.recipe, checkpoint::masters(model_->weights()),
          parts_.pretrained.tokenizer, description(), parts_.pretrained.max_tokens};
      checkpoint::write_task_folder(paths_.model(), model,
                                    card_facts(tuner.position(), result.score));
    } catch (const Error&) {
      tuner.save_if_possible();
      throw;
    }
    write_job_result(paths_.result(), result);
    remove_leftovers(paths_);
  }

  // A seed that diverged would diverge again. The table shows it, and the other seeds go on.
  void give_up(const Error& error, JobResult& result) {
    log::warning(parts_.workload.name() + " seed " + std::to_string(seed_) + ": " + error.what());
    note("diverged", {{"error", error.what()}});
    result = {};
    result.score.seed = seed_;
    for (const glue::Split& split : parts_.workload.data.dev) {
      glue::SplitScore& score = result.score.splits.emplace_back();
      score.split = split.name;
      for (const glue::Metric metric : parts_.workload.metrics) {
        score.metrics.push_back({metric, std::numeric_limits<double>::quiet_NaN()});
      }
    }
    write_job_result(paths_.result(), result);
    remove_leftovers(paths_);
  }

  [[nodiscard]] checkpoint::Facts card_facts(const train::Position& position,
                                             const glue::SeedScore& score) const {
    const Pretrained& start = parts_.pretrained;
    checkpoint::Facts facts;
    if (start.encoder.empty()) {
      facts.push_back({"start", "untrained"});
    } else {
      facts = checkpoint::recipe_facts(start.recipe);
      facts.push_back({"fine-tuned from", start.folder.string()});
    }
    facts.push_back({"fine-tuning recipe", parts_.recipe.name});
    facts.push_back({"seed", std::to_string(seed_)});
    train::add_training_facts(facts, position, parts_.environment);
    for (const glue::SplitScore& split : score.splits) {
      for (const glue::Measured& measured : split.metrics) {
        facts.push_back({split.split + " " + glue::name(measured.metric),
                         format_fixed(100 * measured.value, 2) + " %"});
      }
    }
    return facts;
  }

  [[nodiscard]] checkpoint::TaskDescription description() const {
    const Workload& workload = parts_.workload;
    return {.task = workload.name(),
            .problem = glue::name(workload.data.problem),
            .pairs = workload.data.pairs,
            .labels = workload.data.labels,
            .head = head_,
            .max_length = parts_.recipe.finetune.max_length,
            .second_separator = parts_.recipe.finetune.second_separator,
            .unseen_label = how_to_predict_.unseen_label,
            .always_answered = how_to_predict_.answers == Answers::kAlways};
  }

  JobParts parts_;
  std::int64_t seed_;
  NamedEvents events_;
  JobPaths paths_;
  model::TaskHead head_;
  PredictionOptions how_to_predict_;
  std::unique_ptr<model::TaskModel> model_;
  std::unique_ptr<optim::Optimizer> optimizer_;
};

}  // namespace

std::optional<JobResult> finished_job(const fs::path& folder) {
  const JobPaths paths{folder};
  std::optional<JobResult> result = read_job_result(paths.result());
  if (result) remove_leftovers(paths);
  return result;
}

JobOutcome run_job(const JobParts& parts, std::int64_t seed, const fs::path& folder) {
  interrupt::throw_if_stopped();
  make_folders(folder);
  train::remove_partial_models(folder);
  return Job(parts, seed, folder).run();
}

void reopen_job(const fs::path& folder) {
  const JobPaths paths{folder};
  std::error_code error;
  fs::remove(paths.result(), error);
  if (error) {
    throw Error(ErrorCode::kStorage,
                paths.result().string() + ": cannot be removed, " + error.message());
  }
}

fs::path job_model(const fs::path& folder) { return JobPaths{folder}.model(); }

}  // namespace cram::finetune
