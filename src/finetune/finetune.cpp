#include "cram/finetune/finetune.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <ATen/Parallel.h>
#include <torch/headeronly/version.h>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/base/units.h"
#include "cram/finetune/job.h"
#include "cram/glue/problem_name.h"
#include "cram/glue/run_identity.h"
#include "cram/recipe/load.h"
#include "cram/train/build_info.h"
#include "cram/train/device.h"
#include "cram/train/kernel_choice.h"
#include "cram/train/loaded_model.h"
#include "cram/train/state_codec.h"

#include "model_shape.h"
#include "run_outputs.h"
#include "run_paths.h"
#include "task_list.h"
#include "test_predictions.h"

namespace cram::finetune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAnotherPlace =
    "give this run another name= or --output, or --fresh to set the old one aside";

// Everything of a folder that holds no fine-tuning is somebody else's.
void refuse_foreign_folder(const FinetunePaths& paths) {
  if (fs::exists(paths.identity())) return;
  for (const fs::path& foreign : {paths.run.recipe(), paths.run.checkpoints(), paths.run.model()}) {
    if (!fs::exists(foreign)) continue;
    throw Error(ErrorCode::kUsage,
                paths.run.root.string() + " holds something else: " + foreign.string(),
                "give this run another name= or --output");
  }
}

// What the run that is there, if any, is of, where it cannot go on as the request asks; else empty.
std::string what_it_is_of(const FinetunePaths& paths, const glue::RunIdentity& identity,
                          const Request& request, const Pretrained& pretrained) {
  if (identity.recipe.empty()) return {};
  std::string changes;
  const auto old =
      recipe::parse(identity.recipe, paths.identity().string(), {}, recipe::Purpose::kFineTuning);
  for (const recipe::Difference& change : recipe::differences(old, request.recipe)) {
    if (change.decides == recipe::Decides::kNothing) continue;
    changes += "\n  " + change.key + ": " + change.left + " -> " + change.right;
  }
  if (!changes.empty()) return "another recipe; what differs:" + changes;
  return identity.fingerprint == pretrained.fingerprint ? "" : "another checkpoint";
}

std::string holds_a_run_of(const FinetunePaths& paths, const std::string& what) {
  return paths.run.root.string() + " holds a run of " + what;
}

bool is_set_aside(const FinetunePaths& paths, const Request& request,
                  const Pretrained& pretrained) {
  if (request.fresh == Fresh::kNever || !fs::exists(paths.identity())) return false;
  if (request.fresh == Fresh::kAlways) return true;
  const std::string other =
      what_it_is_of(paths, glue::read_identity(paths.identity()), request, pretrained);
  if (!other.empty()) log::info(holds_a_run_of(paths, other));
  return !other.empty();
}

std::unique_ptr<FileLock> claim(const FinetunePaths& paths, const Request& request,
                                const Pretrained& pretrained) {
  refuse_foreign_folder(paths);
  const bool starts_over = is_set_aside(paths, request, pretrained);
  return starts_over ? train::claim_new_folder(paths.run) : train::claim_folder(paths.run);
}

std::string hash_of_files(const Request& request) {
  if (request.start == Start::kUntrained) return {};
  return glue::hash_of_model(train::find_model_folder(request.checkpoint));
}

class Run {
 public:
  // What can be wrong with a request shows before anything is written.
  explicit Run(const Request& request)
      : recipe_(request.recipe),
        list_(request),
        pretrained_(load_pretrained(request.checkpoint, request.start)),
        paths_(output_folder(request)),
        lock_(claim(paths_, request, pretrained_)),
        identity_(glue::read_identity(paths_.identity())) {
    if (const std::string other = what_it_is_of(paths_, identity_, request, pretrained_);
        !other.empty()) {
      throw Error(ErrorCode::kUsage, holds_a_run_of(paths_, other), kAnotherPlace);
    }
    identity_.checkpoint = request.checkpoint.string();
    identity_.fingerprint = pretrained_.fingerprint;
    identity_.files = hash_of_files(request);
    identity_.recipe = recipe::to_yaml(recipe_);
    choose_placement();
    glue::write_identity(paths_.identity(), identity_);
    write_file_atomic(paths_.run.recipe(), identity_.recipe);
    write_file_atomic(paths_.run.build(), train::build_info_json());
  }

  Result run() {
    Result result{0, {}, paths_.run.root};
    while (std::optional<TaskData> next = list_.next()) {
      const Workload workload = make_workload(
          std::move(next->data), next->task, *pretrained_.tokenizer,
          {.framing = {recipe_.finetune.max_length, recipe_.finetune.second_separator},
           .max_examples = recipe_.finetune.max_examples.value_or(0),
           .cache = recipe_.data.cache});
      announce(workload);
      result.signal = run_task(workload);
      result.tasks = write_outputs(paths_, identity_);
      if (result.signal != 0) break;
    }
    return result;
  }

 private:
  // One version of each data set for all that is in a folder.
  void require_same_data(const std::string& known, const Workload& workload) const {
    if (known.empty() || known == workload.fingerprint) return;
    throw Error(ErrorCode::kUsage,
                holds_a_run_of(paths_, "another version of the data of " + workload.name()),
                kAnotherPlace);
  }

  void choose_placement() {
    const train::DeviceChoice device = train::choose_device(recipe_.device);
    const train::PrecisionChoice precision = train::choose_precision(
        recipe_.precision, pretrained_.recipe.model, kProbeTokens, device.device);
    placement_ = train::placement_of(device, precision);
    log::info("device     " + device.name + " (" + device.reason + ")");
    log::info("precision  " + std::string(c10::toString(precision.type)) + " (" + precision.reason +
              ")");
    const train::KernelChoice kernels =
        train::choose_kernels(recipe_.device,
                              {pretrained_.recipe.model,
                               {recipe_.finetune.max_length, pretrained_.tokenizer->vocab_size()},
                               recipe_.batch.size * recipe_.finetune.max_length},
                              placement_);
    train::announce(kernels);
    nlohmann::ordered_json facts{{"device", device.name},
                                 {"precision", c10::toString(precision.type)},
                                 {"threads", at::get_num_threads()},
                                 {"torch", TORCH_VERSION}};
    if (!kernels.summary().empty()) facts["kernels"] = kernels.summary();
    const std::string environment = facts.dump();
    if (identity_.environment != "{}") {
      train::warn_of_other_environment(identity_.environment, environment);
    }
    identity_.environment = environment;
  }

  void announce(const Workload& workload) {
    log::info(workload.title() + ": " + glue::name(workload.data.problem) +
              (workload.data.labels.empty()
                   ? ""
                   : " of " + std::to_string(workload.data.labels.size()) + " labels") +
              ", " + format_count(std::ssize(workload.training)) + " inputs to train on");
    for (const std::string& note : workload.data.notes) {
      log::warning(workload.title() + ": " + note);
    }
    glue::TaskIdentity& task = identity_.tasks[workload.name()];
    require_same_data(task.fingerprint, workload);
    task.fingerprint = workload.fingerprint;
    task.title = workload.title();
    task.labels = workload.data.labels;
    glue::write_identity(paths_.identity(), identity_);
  }

  // Returns the signal that stopped it, or 0.
  int run_task(const Workload& workload) {
    const std::string& task = workload.name();
    reopen_seed_of_lost_model(task);
    for (std::int64_t i = 0; i < recipe_.finetune.seeds; ++i) {
      const std::int64_t seed = recipe_.seed + i;
      const fs::path folder = paths_.job(task, seed);
      if (finished_job(folder)) continue;
      const auto events = train::open_events(recipe_.logging, paths_.run.events(),
                                             paths_.run.tensorboard() / task / folder.filename());
      const JobOutcome job = run_job(job_parts(workload, *events), seed, folder);
      if (job.signal != 0) return job.signal;
    }
    train::remove_partial_models(paths_.task(task));
    const TaskOutcome outcome = read_outcome(paths_, task, identity_.tasks[task]);
    keep_one_model(outcome, paths_);
    if (fs::exists(paths_.model(task))) {
      predict_where_needed(workload);
    } else {
      warn_of_no_model(outcome);
    }
    return 0;
  }

  // A finished task whose model was taken away gets it back by doing the seed again that makes it.
  void reopen_seed_of_lost_model(const std::string& task) const {
    for (std::int64_t i = 0; i < recipe_.finetune.seeds; ++i) {
      if (!finished_job(paths_.job(task, recipe_.seed + i))) return;  // it leaves a model
    }
    const auto seed =
        seed_of_lost_model(read_outcome(paths_, task, identity_.tasks.at(task)), paths_);
    if (!seed || *seed - recipe_.seed >= recipe_.finetune.seeds) return;
    log::warning(paths_.model(task).string() + " is gone: seed " + std::to_string(*seed) +
                 " is done again to make it");
    reopen_job(paths_.job(task, *seed));
  }

  void warn_of_no_model(const TaskOutcome& outcome) const {
    const std::string& task = outcome.scores.task;
    const auto seed = seed_of_lost_model(outcome, paths_);
    if (!seed) return log::warning(task + ": all seeds diverged, so there is no model");
    log::warning(paths_.model(task).string() + " is gone, and so are predictions of it; with " +
                 "finetune.seeds=" + std::to_string(*seed - recipe_.seed + 1) + " seed " +
                 std::to_string(*seed) + " is done again to make it");
  }

  void predict_where_needed(const Workload& workload) {
    if (workload.test.empty()) return;
    const std::string& task = workload.name();
    const fs::path folder = paths_.predictions(task);
    const auto key = [&] { return predictions_key(folder, paths_.model_seed(task)); };
    std::string& known = identity_.tasks[task].predictions;
    if (key() == known) return;
    const auto silent = report::make_tee({});
    predict_tests(job_parts(workload, *silent), paths_.model(task), folder);
    known = key();
    glue::write_identity(paths_.identity(), identity_);
  }

  [[nodiscard]] JobParts job_parts(const Workload& workload, report::EventSink& events) const {
    return {recipe_, pretrained_, workload, placement_, events, clock_, identity_.environment};
  }

  const recipe::Recipe& recipe_;
  TaskList list_;
  Pretrained pretrained_;
  FinetunePaths paths_;
  std::unique_ptr<FileLock> lock_;
  glue::RunIdentity identity_;
  MonotonicClock clock_;
  model::Placement placement_;
};

}  // namespace

bool Result::diverged() const {
  const auto is_nan = [](const glue::Measured& measured) { return std::isnan(measured.value); };
  for (const glue::TaskScores& task : tasks) {
    for (const glue::SeedScore& seed : task.seeds) {
      for (const glue::SplitScore& split : seed.splits) {
        if (std::any_of(split.metrics.begin(), split.metrics.end(), is_nan)) return true;
      }
    }
  }
  return false;
}

Result finetune(const Request& request) { return Run(request).run(); }

fs::path output_folder(const Request& request) {
  if (!request.output.empty()) return request.output;
  // "runs/x/", "runs/x" and "runs/x/model" name the same checkpoint.
  fs::path checkpoint = fs::weakly_canonical(request.checkpoint);
  if (checkpoint.filename().empty()) checkpoint = checkpoint.parent_path();
  if (checkpoint.filename() == "model") checkpoint = checkpoint.parent_path();
  const std::string start = request.start == Start::kUntrained ? "-untrained" : "";
  return fs::path(request.recipe.runs_folder) /
         (checkpoint.filename().string() + start + "-" + request.recipe.name);
}

}  // namespace cram::finetune
