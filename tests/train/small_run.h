// A tiny run on synthetic text, complete from recipe to trainer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/Parallel.h>

#include "cram/base/file.h"
#include "cram/recipe/load.h"
#include "cram/train/setup.h"
#include "cram/train/trainer.h"

#include "support/synthetic_text.h"
#include "support/temp_folder.h"

namespace cram::train::test {

// Collects what a trainer reports.
class EventLog : public report::EventSink {
 public:
  void record(const report::Event& event) override { events.push_back(event); }
  template <class Kind>
  [[nodiscard]] std::vector<Kind> of() const {
    std::vector<Kind> found;
    for (const report::Event& event : events) {
      if (const auto* match = std::get_if<Kind>(&event)) found.push_back(*match);
    }
    return found;
  }

  std::vector<report::Event> events;
};

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
          const Clock* clock = nullptr)
      : recipe(from),
        data(open_data(recipe, corpus::prepare(prepare_options(recipe)))),
        engine(set_up_engine(recipe, data.corpus->vocab_size())),
        store(checkpoints, recipe.checkpoint.keep),
        trainer({recipe, *engine.model, *engine.optimizer, *data.training, *data.held_out, store,
                 log, clock == nullptr ? monotonic : *clock, "{}", 0},
                engine.micro_batch) {
    if (const auto state = store.load_latest()) trainer.restore(*state);
  }

  // All bytes of the masters and of the optimizer's state.
  [[nodiscard]] std::string bytes() const {
    std::string all;
    const auto add = [&](const at::Tensor& tensor) {
      all.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
    };
    for (const ops::WeightPtr& weight : engine.model->weights()) add(weight->master);
    for (const auto& [name, tensor] : engine.optimizer->state()) add(tensor);
    return all;
  }

  MonotonicClock monotonic;
  recipe::Recipe recipe;
  Data data;
  Engine engine;
  checkpoint::Store store;
  EventLog log;
  Trainer trainer;
};

}  // namespace cram::train::test
