// Runs that a plan may propose: a recipe at other sizes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cram/plan/evidence.h"
#include "cram/recipe/recipe.h"

namespace cram::plan {

// What is planned around.
struct Base {
  std::filesystem::path file;
  std::vector<std::string> settings;  // as on the command line
  recipe::Recipe recipe;              // the outcome
};

// The recipe of a study, with the settings that all its runs share but for the budget, and then
// these. Throws Error{kUsage} when its runs start from different files, and for a pretrained model.
[[nodiscard]] Base base_of(const recipe::Study& study, const std::vector<std::string>& settings);
[[nodiscard]] Base base_of(const std::filesystem::path& file,
                           const std::vector<std::string>& settings);

// What the user asks for; what is empty is chosen.
struct Wishes {
  std::vector<std::int64_t> widths, layers, batches, vocabularies;
};

struct Candidate {
  std::vector<std::string> settings;  // beside the base's file
  recipe::Recipe recipe;
  const Law* law;  // that speaks of it; one of the evidence's
};

// Of each law that is asked for, every wished width with every wished number of layers. The width
// of a head stays, and how many times as wide the feed-forward is. What is not wished for lies
// around the base: widths from half to twice, and layers so that the model's shape is one of those
// that were studied, as a law cannot tell shapes of one size apart. Throws Error{kUsage} for wishes
// that no law speaks of or no model can have.
[[nodiscard]] std::vector<Candidate> make_candidates(const Base& base, const Wishes& wishes,
                                                     const Evidence& evidence);

}  // namespace cram::plan
