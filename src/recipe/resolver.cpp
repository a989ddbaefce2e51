#include "resolver.h"

#include <algorithm>
#include <array>

#include "checks.h"

namespace cram::recipe {
namespace {

// Of the model section, what says nothing about the function of a model that is there.
bool is_of_training(const Key& key) {
  constexpr std::array kOfTraining = {"model.dropout", "model.attention_dropout", "model.init",
                                      "model.init_std", "model.zero_init_output"};
  return std::find(kOfTraining.begin(), kOfTraining.end(), key.path) != kOfTraining.end();
}

bool sets_budget(const Setting& setting) {
  return setting.key->path.starts_with("budget.") && setting.value.type != Node::Type::kNull;
}

}  // namespace

void Resolver::apply(const Level& level) {
  make_way_for_budget(level);
  for (const Setting& setting : level.settings) {
    const Reading reading = read(setting.key->kind, setting.value);
    if (reading.value) {
      setting.key->set(recipe_, *reading.value);
    } else {
      problems_.add(reading.place, shown(setting.key->path) + " " + reading.problem);
    }
    origins_[setting.key] = {level_, setting.place, !reading.value};
  }
  ++level_;
}

// A run has one budget: a level that sets one in its own unit replaces an inherited one.
void Resolver::make_way_for_budget(const Level& level) {
  const auto& settings = level.settings;
  const auto first = std::find_if(settings.begin(), settings.end(), sets_budget);
  if (first == settings.end()) return;
  const auto is_other = [&](const Setting& setting) {
    return sets_budget(setting) && setting.key != first->key;
  };
  const auto second = std::find_if(settings.begin(), settings.end(), is_other);
  if (second != settings.end()) {
    problems_.add(second->place, "a run has one budget: " + shown(first->key->path) + " and " +
                                     shown(second->key->path) + " are both given");
  }
  recipe_.budget = {};
  for (const Key& key : find_section(recipe_.purpose, "budget")->keys) origins_.erase(&key);
}

void Resolver::take_over_model(const ReadModel& read_model) {
  const Key* from = key_at("model.from");
  if (recipe_.model.from.empty() || origin(from)->broken) return;
  const int level = origin(from)->level;
  const Recipe written = recipe_;
  recipe_.model = read_model(written);
  recipe_.model.from = written.model.from;
  for (const Key& key : find_section(recipe_.purpose, "model")->keys) {
    const Origin* set = origin(&key);
    if (set == nullptr || &key == from) continue;
    if (set->level < level) {
      origins_.erase(&key);
    } else if (is_of_training(key)) {
      key.set(recipe_, key.get(written));
    } else {
      check_agreement(key, *set, written);
    }
  }
}

// Of a key set beside a model that was taken over.
void Resolver::check_agreement(const Key& key, const Origin& set, const Recipe& written) {
  const Value said = key.get(written), there = key.get(recipe_);
  if (said == there || set.broken || !key.has_effect(recipe_)) return;
  problems_.add(set.place, shown(key.path) + " is " + write(key.kind, said) +
                               ", but the model in " + shown(recipe_.model.from) + " has " +
                               write(key.kind, there));
}

Recipe Resolver::finish(const Place& top) {
  check_budget(top);
  check_combinations(top);
  for (const Section& section : schema(recipe_.purpose)) {
    for (const Key& key : section.keys) check_effect(key);
  }
  Recipe result = recipe_;
  for (const Section& section : schema(recipe_.purpose)) {
    for (const Key& key : section.keys) {
      if (!key.has_effect(recipe_)) key.set(result, key.default_value(recipe_.purpose));
    }
  }
  return result;
}

void Resolver::check_budget(const Place& top) {
  if (find_section(recipe_.purpose, "budget") == nullptr) return;
  const Budget& budget = recipe_.budget;
  const bool given = budget.time || budget.steps || budget.tokens;
  if (given || any_broken({"budget.time", "budget.steps", "budget.tokens"})) return;
  problems_.add(top, "no budget: set one of 'budget.time', 'budget.steps' and 'budget.tokens'");
}

// A key that does nothing is a problem where it was set together with, or after, what makes it do
// nothing. An inherited one was right where it stood.
void Resolver::check_effect(const Key& key) {
  const Origin* set = origin(&key);
  if (set == nullptr || key.has_effect(recipe_) || any_broken(key.condition->keys)) return;
  for (const std::string& path : key.condition->keys) {
    const Origin* decision = origin(key_at(path));
    if (decision != nullptr && decision->level > set->level) return;
  }
  problems_.add(set->place, shown(key.path) + " has no effect here: it needs that " +
                                std::string(key.condition->text));
}

void Resolver::check_combinations(const Place& top) {
  for (const Check& check : checks()) {
    if (!has_all(check.keys) || any_broken(check.keys)) continue;
    const std::string problem = check.problem(recipe_);
    if (problem.empty()) continue;
    // The latest of the keys is the one to blame; defaults agree with each other.
    const Origin* latest = nullptr;
    for (const std::string& path : check.keys) {
      const Origin* candidate = origin(key_at(path));
      if (candidate != nullptr && (latest == nullptr || candidate->level >= latest->level)) {
        latest = candidate;
      }
    }
    problems_.add(latest == nullptr ? top : latest->place, problem);
  }
}

const Key* Resolver::key_at(const std::string& path) const {
  return find_key(recipe_.purpose, path);
}

// Checks of keys that recipes of this purpose do not have are none of theirs.
bool Resolver::has_all(const std::vector<std::string>& paths) const {
  return std::all_of(paths.begin(), paths.end(),
                     [this](const std::string& path) { return key_at(path) != nullptr; });
}

const Resolver::Origin* Resolver::origin(const Key* key) const {
  const auto found = origins_.find(key);
  return found == origins_.end() ? nullptr : &found->second;
}

bool Resolver::any_broken(const std::vector<std::string>& paths) const {
  return std::any_of(paths.begin(), paths.end(), [this](const std::string& path) {
    const Origin* found = origin(key_at(path));
    return found != nullptr && found->broken;
  });
}

}  // namespace cram::recipe
