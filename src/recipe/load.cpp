#include "cram/recipe/load.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/file.h"

#include "resolver.h"

namespace cram::recipe {
namespace {

namespace fs = std::filesystem;

// A file's name that is the same whichever way it is reached.
fs::path identity(const fs::path& file) {
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(file, ignored);
  return canonical.empty() ? file : canonical;
}

// Reads a recipe and the recipes that it names with `base:`, top first.
class ChainReader {
 public:
  ChainReader(Purpose purpose, Problems& problems) : purpose_(purpose), problems_(problems) {}

  void read_top(std::string_view yaml, const std::string& name, const fs::path& folder) {
    std::optional<Node> base = read(yaml, name);
    fs::path base_folder = folder;
    while (base) {
      const fs::path file = (base_folder / base->text).lexically_normal();
      base = read_base(file, *base);
      base_folder = file.parent_path();
    }
  }

  void mark_visited(const fs::path& file) { visited_.push_back(identity(file)); }

  [[nodiscard]] const std::vector<Level>& levels() const { return levels_; }
  // False when a part is missing or of another purpose, so that the rest cannot be judged as a
  // whole.
  [[nodiscard]] bool complete() const { return complete_ && !of_other_purpose_; }
  [[nodiscard]] bool of_other_purpose() const { return of_other_purpose_; }

 private:
  // Returns the base that the text names.
  std::optional<Node> read(std::string_view yaml, const std::string& name) {
    std::optional<Level> level = read_level(purpose_, yaml, problems_.add_file(name), problems_);
    if (!level) {
      complete_ = false;
      return std::nullopt;
    }
    if (level->of_other_purpose) of_other_purpose_ = true;
    levels_.push_back(std::move(*level));
    return levels_.back().base;
  }

  std::optional<Node> read_base(const fs::path& file, const Node& named_at) {
    const fs::path name = identity(file);
    if (std::find(visited_.begin(), visited_.end(), name) != visited_.end()) {
      problems_.add(named_at.place, "the recipe " + shown(file.string()) + " is its own base");
      complete_ = false;
      return std::nullopt;
    }
    visited_.push_back(name);
    try {
      return read(read_file(file, kMostBytes), file.string());
    } catch (const Error& error) {
      problems_.add(named_at.place, std::string("cannot read the base recipe: ") + error.what());
      complete_ = false;
      return std::nullopt;
    }
  }

  Purpose purpose_;
  Problems& problems_;
  std::vector<Level> levels_;
  std::vector<fs::path> visited_;
  bool complete_ = true;
  bool of_other_purpose_ = false;
};

std::string hint(Purpose purpose, bool of_other_purpose) {
  const bool pretraining = purpose == Purpose::kPretraining;
  if (of_other_purpose) {
    return pretraining ? "'cram recipe' reads a recipe for fine-tuning with --finetune"
                       : "'cram recipe' reads a recipe for pretraining without --finetune";
  }
  return std::string("'cram recipe template") + (pretraining ? "" : " --finetune") +
         "' prints every key with its meaning and default";
}

Recipe resolve(Purpose purpose, const ChainReader& chain, const std::vector<std::string>& overrides,
               const ReadModel& read_model, Problems& problems) {
  Resolver resolver(purpose, problems);
  const std::vector<Level>& levels = chain.levels();
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) resolver.apply(*level);
  resolver.apply(read_arguments(purpose, overrides, problems));
  if (read_model) resolver.take_over_model(read_model);
  Recipe recipe;
  if (chain.complete()) recipe = resolver.finish(Place{.source = 0});
  problems.throw_if_any(hint(purpose, chain.of_other_purpose()));
  return recipe;
}

}  // namespace

Recipe load(const fs::path& file, const std::vector<std::string>& overrides, Purpose purpose,
            const ReadModel& read_model) {
  const std::string yaml = read_yaml_file(file, "recipe");
  Problems problems;
  ChainReader chain(purpose, problems);
  chain.mark_visited(file);
  chain.read_top(yaml, file.string(), file.parent_path());
  return resolve(purpose, chain, overrides, read_model, problems);
}

Recipe parse(std::string_view yaml, const std::string& name,
             const std::vector<std::string>& overrides, Purpose purpose,
             const ReadModel& read_model) {
  if (yaml.size() > kMostBytes) {
    throw Error(ErrorCode::kUsage, name + ": larger than 1 MiB, which no recipe is");
  }
  Problems problems;
  ChainReader chain(purpose, problems);
  chain.read_top(yaml, name, {});
  return resolve(purpose, chain, overrides, read_model, problems);
}

}  // namespace cram::recipe
