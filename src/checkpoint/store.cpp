#include "cram/checkpoint/store.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "cram/base/error.h"
#include "cram/base/file.h"
#include "cram/base/log.h"

#include "manifest.h"
#include "safetensors_writer.h"

namespace cram::checkpoint {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr const char* kWeights = "weights.safetensors";
constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kScalars = "state.json";
constexpr const char* kRecipe = "recipe.yaml";

std::string folder_name(std::int64_t step) {
  const std::string digits = std::to_string(step);
  return std::string(kPrefix) + std::string(9 - std::min<std::size_t>(9, digits.size()), '0') +
         digits;
}

// The step of a checkpoint folder's name; empty for any other name.
std::optional<std::int64_t> step_of(const std::string& name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::int64_t step = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (error != std::errc() || stop != end || folder_name(step) != name) return std::nullopt;
  return step;
}

FileRecord write_text(const fs::path& path, std::string_view text) {
  ChecksumWriter writer(path);
  writer.write(text);
  return writer.close();
}

void write_checkpoint(const fs::path& folder, const TrainingState& state) {
  const auto write_tensors = [&](const char* name, const NamedTensors& tensors) {
    return write_safetensors_recorded(folder / name, tensors, {});
  };
  Manifest manifest{.step = state.step, .files = {}};
  manifest.files[kWeights] = write_tensors(kWeights, state.weights);
  manifest.files[kOptimizer] = write_tensors(kOptimizer, state.optimizer);
  manifest.files[kScalars] = write_text(folder / kScalars, state.scalars);
  manifest.files[kRecipe] = write_text(folder / kRecipe, state.recipe);
  write_manifest(folder, manifest);
}

void verify(const fs::path& folder, std::int64_t step) {
  const Manifest manifest = read_verified_manifest(folder);
  for (const char* name : {kWeights, kOptimizer, kScalars, kRecipe}) {
    if (!manifest.files.contains(name)) {
      throw Error(ErrorCode::kData, folder.string() + ": " + name + " is missing");
    }
  }
  if (manifest.step != step) {
    throw Error(ErrorCode::kData,
                folder.string() + ": holds step " + std::to_string(manifest.step));
  }
}

NamedTensors read_tensors(const fs::path& path) {
  const Safetensors file = read_safetensors(path);
  return {file.tensors.begin(), file.tensors.end()};
}

TrainingState read_checkpoint(const fs::path& folder, std::int64_t step) {
  verify(folder, step);
  return {.step = step,
          .weights = read_tensors(folder / kWeights),
          .optimizer = read_tensors(folder / kOptimizer),
          .scalars = read_file(folder / kScalars),
          .recipe = read_file(folder / kRecipe)};
}

bool verifies(const fs::path& folder, std::int64_t step) {
  try {
    verify(folder, step);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Out of sight first, so that a half-deleted folder is never taken for a checkpoint. A failure is
// no reason to stop a run.
void remove_checkpoint(const fs::path& folder) {
  const fs::path doomed = folder.parent_path() / ("." + folder.filename().string() + ".removed");
  std::error_code error;
  fs::remove_all(doomed, error);
  fs::rename(folder, doomed, error);
  if (!error) fs::remove_all(doomed, error);
  if (error) log::warning(folder.string() + ": cannot be removed: " + error.message());
}

// What a crash left behind: ".step-….partial-PID" while it was written, ".step-….partial-PID.old"
// for the one it was about to replace, ".step-….removed".
void remove_leftover(const fs::path& leftover) {
  const std::string name = leftover.filename().string();
  const fs::path target = leftover.parent_path() / name.substr(1, name.find(".partial-") - 1);
  const auto step = step_of(target.filename().string());
  std::error_code error;
  if (name.ends_with(".old") && step && !fs::exists(target, error) && verifies(leftover, *step)) {
    fs::rename(leftover, target, error);
    if (!error) return;
  }
  fs::remove_all(leftover, error);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    entries.push_back(entry->path());
  }
  if (error) {
    throw Error(ErrorCode::kStorage, folder.string() + ": cannot be listed: " + error.message());
  }
  return entries;
}

// Ascending.
std::vector<std::int64_t> steps_in(const fs::path& folder) {
  std::vector<std::int64_t> steps;
  for (const fs::path& entry : entries_of(folder)) {
    if (const auto step = step_of(entry.filename().string())) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace

Store::Store(fs::path folder, std::int64_t keep) : folder_(std::move(folder)), keep_(keep) {
  if (keep_ < 1) {
    throw Error(ErrorCode::kUsage, "checkpoint.keep: at least one checkpoint has to be kept");
  }
  make_folders(folder_);
  for (const fs::path& entry : entries_of(folder_)) {
    if (entry.filename().string().starts_with("." + std::string(kPrefix))) remove_leftover(entry);
  }
}

void Store::save(const TrainingState& state) {
  const fs::path target = folder_ / folder_name(state.step);
  replace_folder_atomic(target, [&](const fs::path& fresh) { write_checkpoint(fresh, state); });
  try {
    verify(target, state.step);
  } catch (const Error& error) {
    throw Error(ErrorCode::kStorage, std::string(error.what()) + " right after it was written",
                "check the disk; older checkpoints are intact");
  }
  // Only now that the new one is known to be good may older ones go. Later steps can only be
  // left from before a restart that could not use them; they stay if they are good after all.
  std::int64_t kept = 1;
  const auto all = steps();
  for (auto step = all.rbegin(); step != all.rend(); ++step) {
    const fs::path folder = folder_ / folder_name(*step);
    if (*step > state.step && !verifies(folder, *step)) remove_checkpoint(folder);
    if (*step < state.step && ++kept > keep_) remove_checkpoint(folder);
  }
}

std::vector<std::int64_t> Store::steps() const { return steps_in(folder_); }

std::optional<TrainingState> load_latest(const fs::path& folder) {
  const auto all = steps_in(folder);
  for (auto step = all.rbegin(); step != all.rend(); ++step) {
    try {
      return read_checkpoint(folder / folder_name(*step), *step);
    } catch (const Error& error) {
      log::warning(std::string("checkpoint passed over: ") + error.what());
    }
  }
  if (all.empty()) return std::nullopt;
  throw Error(ErrorCode::kData, folder.string() + ": none of its checkpoints can be used",
              "restore them from a copy, or remove the folder to start anew");
}

}  // namespace cram::checkpoint
