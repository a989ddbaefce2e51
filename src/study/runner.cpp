#include "cram/study/runner.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <thread>

#include "cram/base/interrupt.h"
#include "cram/base/log.h"
#include "cram/study/results.h"

#include "child.h"

namespace cram::study {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(50);

std::vector<std::string> command_of(const recipe::StudyRun& run, const RunnerOptions& options) {
  std::vector<std::string> command = {options.program.string(), "pretrain", "--config",
                                      run.file.string()};
  command.insert(command.end(), run.overrides.begin(), run.overrides.end());
  return command;
}

std::vector<std::string> environment_of(const std::string& gpu) {
  if (gpu.empty()) return {};
  return {"CUDA_VISIBLE_DEVICES=" + gpu};
}

// The runs of this part that are not finished.
std::vector<const recipe::StudyRun*> runs_to_do(const recipe::Study& study,
                                                const RunnerOptions& options) {
  const std::vector<RunResult> results = read_results(study);
  std::vector<const recipe::StudyRun*> to_do;
  for (std::size_t i = options.part; i < study.runs.size(); i += options.parts) {
    if (results[i].state != RunState::kFinished) to_do.push_back(&study.runs[i]);
  }
  return to_do;
}

class Runner {
 public:
  Runner(const recipe::Study& study, const RunnerOptions& options)
      : options_(options), waiting_(runs_to_do(study, options)), free_gpus_(options.gpus) {
    if (free_gpus_.empty()) free_gpus_.emplace_back();   // whatever is there
    std::reverse(free_gpus_.begin(), free_gpus_.end());  // taken from the end
  }

  [[nodiscard]] std::vector<FailedRun> run() {
    log::info("study      " + std::to_string(waiting_.size()) + " runs to do");
    while (next_ < waiting_.size() || !working_.empty()) {
      stop_if_asked();
      while (next_ < waiting_.size() && !free_gpus_.empty()) start(*waiting_[next_++]);
      collect();
      std::this_thread::sleep_for(kPollInterval);
    }
    return std::move(failed_);
  }

 private:
  struct Working {
    Working(const recipe::StudyRun& run, std::string on, const RunnerOptions& options)
        : name(run.recipe.name),
          gpu(std::move(on)),
          log(options.log_folder / (name + ".log")),
          child(command_of(run, options), environment_of(gpu), log) {}

    std::string name, gpu;
    std::filesystem::path log;
    Child child;
  };

  void start(const recipe::StudyRun& run) {
    const std::string gpu = free_gpus_.back();
    free_gpus_.pop_back();
    const Working& work = working_.emplace_back(run, gpu, options_);
    log::info("starting   " + work.name + (gpu.empty() ? "" : " on GPU " + gpu) + ", " +
              std::to_string(next_) + " of " + std::to_string(waiting_.size()) + "; " +
              work.log.string() + " tells how it goes");
  }

  void collect() {
    working_.remove_if([&](Working& work) {
      const std::optional<int> code = work.child.exit_code();
      if (!code) return false;
      free_gpus_.push_back(work.gpu);
      if (*code != 0) {
        log::warning(work.name + " failed with exit code " + std::to_string(*code) + ": " +
                     work.log.string());
        failed_.push_back({work.name, work.log.string(), *code});
      }
      return true;
    });
  }

  // The children are asked all at once and then waited for, as each saves what it has.
  void stop_if_asked() {
    if (interrupt::stop_signal() == 0) return;
    for (const Working& work : working_) work.child.ask_to_stop();
    working_.clear();
    interrupt::throw_if_stopped();
  }

  const RunnerOptions& options_;
  std::vector<const recipe::StudyRun*> waiting_;
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
