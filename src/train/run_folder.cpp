#include "cram/train/run_folder.h"

#include <algorithm>
#include <array>

#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/recipe/load.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;

// Keys, or sections, that have no influence on the weights that come out.
constexpr std::array kHarmless = {"runs_folder",        "data.cache",     "data.threads",
                                  "data.max_bad_share", "device.threads", "batch.micro_batch",
                                  "validation.",        "checkpoint.",    "logging."};
// Keys that decide what the saved tensors and positions mean.
constexpr std::array kFixed = {"model.", "tokenizer.",     "sequence.",
                               "data.",  "optimizer.type", "seed"};

bool matches(const std::string& key, const auto& list) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view entry) {
    return entry.ends_with('.') ? key.starts_with(entry) : key == entry;
  });
}

// A name beside `root` that is free: root.1, root.2, …
fs::path free_name_beside(const fs::path& root) {
  for (int number = 1;; ++number) {
    fs::path name = root.string() + "." + std::to_string(number);
    if (!fs::exists(name)) return name;
  }
}

void check_changes(const recipe::Recipe& recipe, const RunPaths& paths,
                   const std::vector<std::string>& allowed) {
  std::string refused;
  for (const recipe::Difference& change :
       recipe::differences(recipe::load(paths.recipe()), recipe)) {
    const std::string line = "  " + change.key + ": " + change.left + " -> " + change.right;
    const bool fixed = matches(change.key, kFixed) && !matches(change.key, kHarmless);
    const bool named = std::find(allowed.begin(), allowed.end(), change.key) != allowed.end();
    if (matches(change.key, kHarmless) || (named && !fixed)) {
      log::info("continuing with a changed recipe:" + line);
    } else {
      refused += "\n" + line + (fixed ? "  (fixed for a run)" : "");
    }
  }
  if (refused.empty()) return;
  throw Error(ErrorCode::kUsage,
              paths.root.string() + " holds a run of another recipe; what differs:" + refused,
              "give this run another name=, or --fresh to set the old one aside, or "
              "--allow-change KEY for keys that are not fixed");
}

}  // namespace

RunPaths run_paths(const recipe::Recipe& recipe) {
  return {fs::path(recipe.runs_folder) / recipe.name};
}

RunFolder::RunFolder(const recipe::Recipe& recipe, const OpenOptions& options)
    : paths_(run_paths(recipe)) {
  make_folders(paths_.root);
  lock_.emplace(paths_.lock());
  if (options.fresh && fs::exists(paths_.recipe())) {
    const fs::path aside = free_name_beside(paths_.root);
    fs::rename(paths_.root, aside);
    log::info("the old run is now " + aside.string());
    make_folders(paths_.root);
    lock_.emplace(paths_.lock());
  }
  // A run that never saved anything has nothing to lose and may begin again with any recipe.
  continues_ = fs::exists(paths_.recipe()) && fs::exists(paths_.checkpoints()) &&
               !fs::is_empty(paths_.checkpoints());
  if (continues_) check_changes(recipe, paths_, options.allowed_changes);
  write_file_atomic(paths_.recipe(), recipe::to_yaml(recipe));
}

}  // namespace cram::train
