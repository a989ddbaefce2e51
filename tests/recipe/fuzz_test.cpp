// Mutated recipes: whatever the text, there is a recipe or an Error, and a recipe can be written
// and read back.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "cram/base/error.h"
#include "cram/recipe/load.h"

#include "config_files.h"
#include "support/mutator.h"

namespace cram::recipe {
namespace {

using cram::test::Mutator;

std::vector<std::string> recipe_texts(Purpose purpose) {
  std::vector<std::string> texts = {template_yaml(purpose)};
  for (const std::filesystem::path& file : test::config_files(purpose)) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    texts.push_back(text.str());
    const std::size_t base = texts.back().find("base: ");
    if (base != std::string::npos) {
      texts.back().insert(base + 6, file.parent_path().string() + "/");
    }
  }
  return texts;
}

constexpr std::size_t kMostChanges = 4;
const std::vector<std::string> kPieces = {
    ":",    "\n",   "  ", "- ",    "[",    "]",         "{",        "}",      "&a ",  "*a ",
    "!t ",  "<<: ", "'",  "\"",    "#",    "|\n",       "---\n",    "? ",     "null", "~",
    "1e9",  "-1",   "0",  "0.5",   "nan",  "99999999k", "24h",      "4GiB",   "true", "no",
    "\xff", "\t",   "%",  "model", "seed", "rotary",    "triangle", "rmsnorm"};

// Returns whether the text is a recipe.
bool survives(const std::string& text, const std::vector<std::string>& overrides,
              Purpose purpose = Purpose::kPretraining) {
  Recipe recipe;
  try {
    recipe = parse(text, "fuzz.yaml", overrides, purpose);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_STRNE(error.what(), "");
    return false;
  }
  EXPECT_EQ(parse(to_yaml(recipe), "again.yaml", {}, purpose), recipe) << text;
  return true;
}

void expect_survival(Purpose purpose) {
  Mutator mutator(20240607, kPieces, kMostChanges);
  int recipes = 0;
  int errors = 0;
  for (const std::string& text : recipe_texts(purpose)) {
    for (int i = 0; i < 1000; ++i) {
      ++(survives(mutator.mutate(text), {}, purpose) ? recipes : errors);
    }
  }
  // Both ways must have been taken often for the test to mean anything.
  EXPECT_GT(recipes, 300);
  EXPECT_GT(errors, 300);
}

TEST(Fuzz, OfFilesEndsInARecipeOrAnError) { expect_survival(Purpose::kPretraining); }

TEST(Fuzz, OfFilesForFineTuningEndsInARecipeOrAnError) { expect_survival(Purpose::kFineTuning); }

TEST(Fuzz, OfArgumentsEndsInARecipeOrAnError) {
  const std::string text = template_yaml();
  const std::vector<std::string> arguments = {"data.sources=[a, 'b c', \"d\"]",
                                              "validation.at=[0.1, 0.9]",
                                              "optimizer.type=muon",
                                              "budget.steps=100k",
                                              "model.norm=rmsnorm",
                                              "name=run-1",
                                              "checkpoint.every=1h30m",
                                              "data.cache=/tmp/x"};
  Mutator mutator(7, kPieces, kMostChanges);
  int recipes = 0;
  int errors = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string argument = mutator.mutate(arguments[mutator.below(arguments.size())]);
    ++(survives(text, {argument}) ? recipes : errors);
  }
  EXPECT_GT(recipes, 100);
  EXPECT_GT(errors, 100);
}

}  // namespace
}  // namespace cram::recipe
