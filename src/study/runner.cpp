#include "cram/study/runner.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <thread>

#include "cram/base/child.h"
#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/study/results.h"

#include "run_folders.h"

namespace cram::study {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(50);

using Command = std::vector<std::string>;

Command pretraining(const recipe::StudyRun& run, const RunnerOptions& options) {
  Command command = {options.program.string(), "pretrain", "--config", run.file.string()};
  command.insert(command.end(), run.overrides.begin(), run.overrides.end());
  return command;
}

Command fine_tuning(const recipe::StudyGlue& glue, const recipe::StudyRun& run,
                    const RunnerOptions& options) {
  Command command = {options.program.string(), "finetune"};
  command.insert(command.end(), {"--checkpoint", run_folder(run).string()});
  command.insert(command.end(), {"--data", glue.data.string()});
  command.insert(command.end(), {"--output", glue_folder(run).string(), "--fresh-if-other"});
  if (!glue.file.empty()) command.insert(command.end(), {"--config", glue.file.string()});
  command.insert(command.end(), glue.settings.begin(), glue.settings.end());
  for (const std::string& task : glue.tasks) command.insert(command.end(), {"--task", task});
  return command;
}

Command scoring(const std::vector<std::string>& text, const recipe::StudyRun& run,
                const RunnerOptions& options) {
  Command command = {options.program.string(), "evaluate", "--held-out"};
  command.insert(command.end(), {"--checkpoint", run_folder(run).string()});
  command.insert(command.end(), {"--device", run.recipe.device.type});
  command.insert(command.end(), {"--output", text_score_file(run).string()});
  for (const std::string& source : text) command.insert(command.end(), {"--text", source});
  return command;
}

// What is left to do for a run, in this order.
struct Work {
  const recipe::StudyRun* run;
  std::vector<Command> commands = {};
};

Work work_of(const recipe::Study& study, const recipe::StudyRun& run, const RunResult& result,
             const RunnerOptions& options) {
  Work work{.run = &run};
  if (result.state != RunState::kFinished) work.commands.push_back(pretraining(run, options));
  if (!study.text.empty() && !result.text_score) {
    work.commands.push_back(scoring(study.text, run, options));
  }
  if (study.glue && !result.glue_mean) {
    work.commands.push_back(fine_tuning(*study.glue, run, options));
  }
  return work;
}

std::vector<std::string> environment_of(const std::string& gpu) {
  if (gpu.empty()) return {};
  return {"CUDA_VISIBLE_DEVICES=" + gpu};
}

// Of the runs of this part.
std::vector<Work> work_to_do(const recipe::Study& study, const RunnerOptions& options) {
  const std::vector<RunResult> results = read_results(study);
  std::vector<Work> all;
  for (std::size_t i = options.part.number; i < study.runs.size(); i += options.part.count) {
    Work work = work_of(study, study.runs[i], results[i], options);
    if (!work.commands.empty()) all.push_back(std::move(work));
  }
  return all;
}

class Runner {
 public:
  Runner(const recipe::Study& study, const RunnerOptions& options)
      : options_(options), waiting_(work_to_do(study, options)), free_gpus_(options.gpus) {
    if (free_gpus_.empty()) free_gpus_.emplace_back();   // whatever is there
    std::reverse(free_gpus_.begin(), free_gpus_.end());  // taken from the end
  }

  [[nodiscard]] std::vector<FailedRun> run() {
    log::info("study      " + std::to_string(waiting_.size()) + " runs to do");
    while (next_ < waiting_.size() || !working_.empty()) {
      stop_if_asked();
      while (next_ < waiting_.size() && !free_gpus_.empty()) start(waiting_[next_++]);
      collect();
      std::this_thread::sleep_for(kPollInterval);
    }
    return std::move(failed_);
  }

 private:
  // One of the runs: its commands follow each other in the same place.
  struct Working {
    Working(const Work& all, std::string on, const RunnerOptions& options)
        : work(all),
          gpu(std::move(on)),
          name(work.run->recipe.name),
          log(options.log_folder / (name + ".log")) {
      start_next();
    }

    // Its exit code once a command has failed or all are done.
    std::optional<int> exit_code() {
      const std::optional<int> code = child->exit_code();
      if (!code || *code != 0 || next == work.commands.size()) return code;
      start_next();
      return std::nullopt;
    }

    void start_next() {
      child.emplace(work.commands[next++], environment_of(gpu), Child::Files{log, log});
    }

    const Work& work;
    std::string gpu;
    std::string name;
    std::filesystem::path log;
    std::size_t next = 0;
    std::optional<Child> child;
  };

  void start(const Work& work) {
    const std::string gpu = free_gpus_.back();
    free_gpus_.pop_back();
    const Working& working = working_.emplace_back(work, gpu, options_);
    log::info("starting   " + working.name + (gpu.empty() ? "" : " on GPU " + gpu) + ", " +
              std::to_string(next_) + " of " + std::to_string(waiting_.size()) + "; " +
              working.log.string() + " tells how it goes");
  }

  void collect() {
    working_.remove_if([&](Working& working) {
      const std::optional<int> code = working.exit_code();
      if (!code) return false;
      free_gpus_.push_back(working.gpu);
      if (*code != 0) {
        log::warning(working.name + " failed with exit code " + std::to_string(*code) + ": " +
                     working.log.string());
        failed_.push_back({working.name, working.log.string(), *code});
      }
      return true;
    });
  }

  // The children are asked all at once and then waited for, as each saves what it has.
  void stop_if_asked() {
    if (interrupt::stop_signal() == 0) return;
    for (const Working& working : working_) working.child->ask_to_stop();
    working_.clear();
    interrupt::throw_if_stopped();
  }

  const RunnerOptions& options_;
  std::vector<Work> waiting_;
  std::size_t next_ = 0;
  std::vector<std::string> free_gpus_;
  std::list<Working> working_;
  std::vector<FailedRun> failed_;
};

}  // namespace

std::vector<FailedRun> run_study(const recipe::Study& study, const RunnerOptions& options) {
  std::filesystem::create_directories(options.log_folder);
  return Runner(study, options).run();
}

}  // namespace cram::study
