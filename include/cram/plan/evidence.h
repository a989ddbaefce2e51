// What finished runs tell about a recipe at other sizes and budgets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cram/recipe/study.h"
#include "cram/study/loss_forecast.h"

namespace cram::plan {

// What runs must share for one law to be of them all.
struct Kind {
  std::int64_t batch = 0;       // sequences an update
  std::int64_t vocabulary = 0;  // that the recipe asks for
  auto operator<=>(const Kind&) const = default;
};

// "batches of 32 and a vocabulary of 16384".
[[nodiscard]] std::string to_text(const Kind& kind);

// The runs of one kind, and what follows from them.
struct Law {
  Kind kind;
  study::LossForecast forecast;
  double narrowest = 0, widest = 0;  // width over layers, the extremes of what was studied
  // Runs that end with less than a fifth of the held-out tokens right: masked-token prediction
  // begins on a plateau, where a model knows little more than which words are frequent and gets
  // some 15 % right, and what it does there tells nothing about later.
  std::size_t on_plateau = 0;
  // Of the corpus; unknown once that has gone from the cache.
  std::optional<double> bytes_per_token;
};

// The least and the most of a number among a law's runs.
struct Range {
  double least = 0, most = 0;
};
[[nodiscard]] Range range_of(const Law& law, double study::LossPoint::*number);

// Parameters without embedding tables, which is what a law goes by.
[[nodiscard]] double body_parameters(const recipe::Recipe& recipe);
// Width over layers.
[[nodiscard]] double aspect(const recipe::Model& model);

struct Evidence {
  std::vector<Law> laws;              // at least one
  std::vector<std::string> left_out;  // which runs say nothing here, and why
};

// A run tells about `base` when it differs from it in size (model.layers, hidden_size, heads,
// intermediate_size), budget, batch, vocabulary, seed, device, precision and what decides nothing,
// and is finished with a finite loss. Throws Error{kUsage} where no kind has runs enough for a law,
// and Error{kData} where the runs were not measured on the same held-out tokens, or records cannot
// be read.
[[nodiscard]] Evidence gather(const std::vector<recipe::Study>& studies,
                              const recipe::Recipe& base);

}  // namespace cram::plan
