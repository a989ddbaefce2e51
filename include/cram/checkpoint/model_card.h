// The model card, README.md of a model folder: what the model is, how it came to be and how to load
// it. Facts that nobody knows are left out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cram/recipe/recipe.h"

namespace cram::checkpoint {

// A row of a table. Any text may stand in it: a path, a label, the name of a recipe.
struct Fact {
  std::string name, value;
  bool operator==(const Fact&) const = default;
};
using Facts = std::vector<Fact>;

struct ModelCard {
  std::string title;
  std::string architecture;  // "BertForMaskedLM", as config.json names it
  bool stock = false;        // whether that is a class of transformers
  Facts model, training;
};

// Markdown, with the YAML front matter that Hugging Face's hub reads.
[[nodiscard]] std::string render_card(const ModelCard& card);

// How to load the folder, in one line of Python or, where no class of transformers computes the
// model, of the shell.
[[nodiscard]] std::string loading_line(const ModelCard& card, const std::filesystem::path& folder);

// "DIR, a pretrained model: outside the rules of cramming" of a recipe that goes on with one; empty
// for fresh weights.
[[nodiscard]] std::string pretrained_start(const recipe::Recipe& recipe);

// What a recipe says of pretraining: its name, its start, its text and its budget. Nothing for a
// recipe that was made of another program's config.json.
[[nodiscard]] Facts recipe_facts(const recipe::Recipe& recipe);

}  // namespace cram::checkpoint
