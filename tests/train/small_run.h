// A tiny run on synthetic text, complete from recipe to trainer.
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <ATen/Parallel.h>

#include "cram/base/file.h"
#include "cram/base/interrupt.h"
#include "cram/recipe/load.h"
#include "cram/train/setup.h"
#include "cram/train/trainer.h"

#include "support/event_log.h"
#include "support/synthetic_text.h"
#include "support/temp_folder.h"

namespace cram::train::test {

using cram::test::EventLog;

// Text, cache and run folder shared by the runs of one test.
class SmallRun {
 public:
  SmallRun() {
    at::set_num_threads(1);
    write_file_atomic(folder / "text.txt", cram::test::synthetic_text(300));
  }

  [[nodiscard]] recipe::Recipe recipe(const std::vector<std::string>& overrides = {}) const {
    const std::string yaml =
        "name: small\nruns_folder: " + (folder / "runs").string() +
        "\nbudget: {steps: 12}\n"
        "data:\n  sources: [" +
        (folder / "text.txt").string() + "]\n  cache: " + (folder / "cache").string() +
        "\n  held_out_share: 0.1\n  threads: 1\n"
        "tokenizer: {vocab_size: 120}\n"
        "sequence: {length: 16}\n"
        "model: {layers: 2, hidden_size: 16, heads: 2, intermediate_size: 24}\n"
        "batch: {size: 8, micro_batch: 4}\n"
        "precision: {compute: fp32}\n"
        "device: {type: cpu, threads: 1}\n"
        "validation: {at: [0.5, 1.0], tokens: 512}\n"
        "logging: {tensorboard: false}\n";
    return recipe::parse(yaml, "small.yaml", overrides);
  }

  cram::test::TempFolder folder;
};

// One process's worth of a run: everything is built anew from the recipe.
class Session {
 public:
  Session(const recipe::Recipe& from, const std::filesystem::path& checkpoints,
          const Clock* given = nullptr)
      : clock(given == nullptr ? monotonic : *given),
        recipe(from),
        data(open_data(recipe, corpus::prepare(prepare_options(recipe)))),
        engine(set_up_engine(recipe, data.corpus->vocab_size())),
        store(checkpoints, recipe.checkpoint.keep),
        trainer({recipe, *engine.model, *engine.optimizer, engine.average.get(), *data.training,
                 *data.held_out, store, log, clock, "{}", 0, engine.capture},
                engine.micro_batch) {
    if (const auto state = store.load_latest()) trainer.restore(*state);
  }

  // All bytes of the masters and of the other state.
  [[nodiscard]] std::string bytes() const {
    std::string all;
    const auto add = [&](const at::Tensor& tensor) {
      all.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
    };
    for (const ops::WeightPtr& weight : engine.model->weights()) add(weight->master);
    for (const auto& [name, tensor] : engine.optimizer->state()) add(tensor);
    if (engine.average) {
      for (const auto& [name, tensor] : engine.average->state()) add(tensor);
    }
    return all;
  }

  MonotonicClock monotonic;
  const Clock& clock;
  recipe::Recipe recipe;
  Data data;
  Engine engine;
  checkpoint::Store store;
  EventLog log;
  Trainer trainer;
};

// Asks to stop when so many records of progress have come.
class StopAfter : public report::EventSink {
 public:
  explicit StopAfter(int records) : left_(records) {}
  void record(const report::Event& event) override {
    if (std::holds_alternative<report::Progress>(event) && --left_ == 0) {
      interrupt::request_stop(SIGTERM);
    }
  }

 private:
  int left_;
};

// A run, new or continued, that a signal stops after so many records of progress.
inline Outcome run_until_stopped(const recipe::Recipe& recipe,
                                 const std::filesystem::path& checkpoints, int records,
                                 const Clock* clock = nullptr) {
  StopAfter sink(records);
  Session session(recipe, checkpoints, clock);
  Trainer trainer({session.recipe, *session.engine.model, *session.engine.optimizer,
                   session.engine.average.get(), *session.data.training, *session.data.held_out,
                   session.store, sink, session.clock, "{}", 0, session.engine.capture},
                  session.engine.micro_batch);
  if (const auto state = session.store.load_latest()) trainer.restore(*state);
  Outcome outcome = trainer.run();
  interrupt::clear();
  return outcome;
}

}  // namespace cram::train::test
