// Levels put on top of each other and checked as a whole.
#pragma once

#include <map>

#include "level.h"

namespace cram::recipe {

class Resolver {
 public:
  // `problems` must outlive the resolver.
  Resolver(Purpose purpose, Problems& problems) : problems_(problems), recipe_(defaults(purpose)) {}

  // Sets what the level sets; called from the deepest base up to the command line.
  void apply(const Level& level);

  // Where model.from names a folder: has the model in it decide, as load() says.
  void take_over_model(const ReadModel& read_model);

  // Checks the keys against each other and returns keys without effect to their defaults.
  // Problems that belong to no key are reported at `top`.
  [[nodiscard]] Recipe finish(const Place& top);

 private:
  // Where a key got its value.
  struct Origin {
    int level;
    Place place;
    bool broken;  // the value could not be read, so the key still has an older one
  };

  void check_agreement(const Key& key, const Origin& set, const Recipe& written);
  void make_way_for_budget(const Level& level);
  void check_budget(const Place& top);
  void check_effect(const Key& key);
  void check_combinations(const Place& top);
  [[nodiscard]] const Key* key_at(const std::string& path) const;
  [[nodiscard]] const Origin* origin(const Key* key) const;
  [[nodiscard]] bool has_all(const std::vector<std::string>& paths) const;
  [[nodiscard]] bool any_broken(const std::vector<std::string>& paths) const;

  Problems& problems_;
  Recipe recipe_;
  int level_ = 0;
  std::map<const Key*, Origin> origins_;
};

}  // namespace cram::recipe
