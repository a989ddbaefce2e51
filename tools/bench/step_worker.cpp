// step_worker: whole updates of a recipe's model on random tokens, a round of them each time that a
// line of standard input asks for it. speed.py drives it, and the peers that it is compared with,
// in turns.
//
//   measure SECONDS   updates for so long; answers with a line of JSON, see to_json()
//   profile FILE      one update; a Chrome trace into FILE, a table of its time on standard error
//
// Says what it works with, as a line of JSON, once it is ready. On a CPU only.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <ATen/Parallel.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include "cram/base/clock.h"
#include "cram/base/error.h"
#include "cram/base/heap.h"
#include "cram/ops/tensor_memory.h"
#include "cram/recipe/load.h"
#include "cram/train/profile.h"
#include "cram/train/setup.h"
#include "cram/train/start.h"

#include "run_tool.h"

namespace cram::bench {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that LibTorch's tensors take while it is in force, whether or not they are freed again.
class AllocationCounter final : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*block*/, std::int64_t size, std::size_t /*allocated*/,
                         std::size_t /*reserved*/, c10::Device /*device*/) override {
    if (size > 0) bytes_ += size;
  }
  [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  std::int64_t bytes_ = 0;  // CPU work is allocated for by the thread that asked for it
};

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::int64_t page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

struct Round {
  std::int64_t updates = 0, page_faults = 0, allocated_bytes = 0;
  double seconds = 0, processor_seconds = 0;
  double forward_seconds = 0, backward_seconds = 0, optimizer_seconds = 0;
};

class Worker {
 public:
  explicit Worker(recipe::Recipe recipe)
      : recipe_(std::move(recipe)),
        engine_(train::set_up_engine(recipe_, recipe_.tokenizer.vocab_size)) {
    for (std::int64_t i = 0; i < passes(); ++i) {
      batches_.push_back(train::synthetic_batch(engine_, recipe_, engine_.micro_batch));
    }
    Round warm_up;
    update(warm_up);
    update(warm_up);
  }

  [[nodiscard]] Json facts() const {
    const recipe::Model& model = recipe_.model;
    return {{"layers", model.layers},
            {"hidden_size", model.hidden_size},
            {"heads", model.heads},
            {"vocab_size", engine_.shape.vocab_size},
            {"sequence_length", engine_.shape.sequence_length},
            {"masked_per_sequence", batches_.front().positions.numel() / engine_.micro_batch},
            {"batch", passes() * engine_.micro_batch},
            {"micro_batch", engine_.micro_batch},
            {"threads", at::get_num_threads()},
            {"device", engine_.device.name},
            {"precision", c10::toString(engine_.precision.type)},
            {"parameters", model::count_parameters(model, engine_.shape).total},
            {"flops_per_token", flops_per_token()}};
  }

  // The yardstick is measured after the updates: the same minute, the same clock rate.
  [[nodiscard]] Json measure(Seconds wanted) {
    const Round round = run(wanted);
    const double gemm_flops =
        train::choose_precision(fixed_precision(), recipe_.model,
                                engine_.micro_batch * engine_.shape.sequence_length,
                                engine_.device.device)
            .gemm_flops;
    const auto tokens = static_cast<double>(round.updates * passes() * engine_.micro_batch *
                                            engine_.shape.sequence_length);
    const auto updates = static_cast<double>(round.updates);
    const auto milliseconds = [&](double seconds) { return 1e3 * seconds / updates; };
    return {{"tokens_per_s", tokens / round.seconds},
            {"updates", round.updates},
            {"seconds", round.seconds},
            {"cpu_share", round.processor_seconds / round.seconds / at::get_num_threads()},
            {"forward_ms", milliseconds(round.forward_seconds)},
            {"backward_ms", milliseconds(round.backward_seconds)},
            {"optimizer_ms", milliseconds(round.optimizer_seconds)},
            {"page_faults", static_cast<double>(round.page_faults) / updates},
            {"allocated_bytes", static_cast<double>(round.allocated_bytes) / updates},
            {"peak_bytes", train::peak_memory_bytes(engine_.device.device)},
            {"gemm_flops", gemm_flops},
            {"gemm_share", tokens / round.seconds * flops_per_token() / gemm_flops}};
  }

  void profile(const std::filesystem::path& trace) {
    constexpr std::size_t kRows = 25;
    Round round;
    const auto rows = train::profile([&] { update(round); }, engine_.device.device, trace);
    std::fputs(train::to_text(rows, kRows).c_str(), stderr);
  }

 private:
  [[nodiscard]] std::int64_t passes() const {
    return std::max<std::int64_t>(1, recipe_.batch.size / engine_.micro_batch);
  }

  [[nodiscard]] double flops_per_token() const {
    return model::training_flops_per_token(recipe_.model, engine_.shape,
                                           recipe_.objective.masking_rate);
  }

  // What was chosen at the start, so that it is not chosen again.
  [[nodiscard]] recipe::Precision fixed_precision() const {
    recipe::Precision precision = recipe_.precision;
    precision.compute = engine_.precision.type == c10::kFloat  ? recipe::PrecisionType::kFp32
                        : engine_.precision.type == c10::kHalf ? recipe::PrecisionType::kFp16
                                                               : recipe::PrecisionType::kBf16;
    return precision;
  }

  [[nodiscard]] Round run(Seconds wanted) {
    const auto counter = std::make_shared<AllocationCounter>();
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
    Round round;
    const std::int64_t faults = page_faults();
    const double processor = processor_seconds();
    const Seconds start = clock_.now();
    do update(round);
    while (clock_.now() - start < wanted);
    round.seconds = (clock_.now() - start).count();
    round.processor_seconds = processor_seconds() - processor;
    round.page_faults = page_faults() - faults;
    round.allocated_bytes = counter->bytes();
    return round;
  }

  void update(Round& round) {
    for (const model::MaskedInput& batch : batches_) {
      const Seconds start = clock_.now();
      const ops::MaskedLoss result = engine_.model->loss(batch, model::Mode::kTraining);
      const Seconds middle = clock_.now();
      result.loss.backward();
      round.forward_seconds += (middle - start).count();
      round.backward_seconds += (clock_.now() - middle).count();
    }
    const Seconds start = clock_.now();
    (void)engine_.optimizer->step({.gradient_scale = static_cast<double>(batches_.size())});
    round.optimizer_seconds += (clock_.now() - start).count();
    ++round.updates;
  }

  recipe::Recipe recipe_;
  train::Engine engine_;
  std::vector<model::MaskedInput> batches_;  // of one update
  MonotonicClock clock_;
};

void serve(Worker& worker) {
  std::cout << worker.facts().dump() << std::endl;
  for (std::string command, argument; std::cin >> command >> argument;) {
    if (command == "measure") {
      std::cout << worker.measure(Seconds(std::stod(argument))).dump() << std::endl;
    } else if (command == "profile") {
      worker.profile(argument);
      std::cout << "{}" << std::endl;
    } else {
      throw Error(ErrorCode::kUsage, "unknown command '" + command + "'");
    }
  }
}

}  // namespace
}  // namespace cram::bench

int main(int argc, char** argv) {
  std::string recipe_file;
  std::vector<std::string> overrides;
  CLI::App app("Updates of a recipe's model on random tokens, by request.", "step_worker");
  app.add_option("--config", recipe_file, "The recipe")->required();
  app.add_option("overrides", overrides, "section.key=value")->allow_extra_args();
  CLI11_PARSE(app, argc, argv);
  cram::keep_freed_memory();
  cram::ops::keep_tensor_memory();
  return cram::bench::run_tool([&] {
    overrides.emplace_back("device.type=cpu");
    cram::bench::Worker worker(cram::recipe::load(
        recipe_file, overrides, cram::recipe::Purpose::kPretraining, cram::train::start_model));
    cram::bench::serve(worker);
  });
}
