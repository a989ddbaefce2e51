// All that is wrong with a recipe, gathered so that one run of the program shows the whole list.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace cram::recipe {

// Where a key or value stands. Lines and columns count from 1; an argument has neither.
struct Place {
  int source = 0;  // as Problems::add_file or add_argument returned it
  int line = 1;
  int column = 1;
  auto operator<=>(const Place&) const = default;
};

// Text from a recipe as it may stand in a message: in quotes, on one line, not too long.
[[nodiscard]] std::string shown(std::string_view text);

class Problems {
 public:
  // Sources are listed in the order in which they are added.
  int add_file(std::string name);
  int add_argument(std::string_view argument);

  void add(const Place& place, std::string text);
  // True when there are more than anybody reads: what is added now is dropped, and readers may
  // stop.
  [[nodiscard]] bool full() const { return entries_.size() >= kMost; }
  // Throws Error{kUsage} with all problems, sorted by place, and the hint, if there are any.
  void throw_if_any(const std::string& hint) const;

 private:
  static constexpr std::size_t kMost = 50;

  struct Source {
    std::string name;
    bool has_lines;
  };
  struct Entry {
    Place place;
    std::string text;
    auto operator<=>(const Entry&) const = default;
  };
  [[nodiscard]] std::string line(const Entry& entry) const;

  std::vector<Source> sources_;
  std::vector<Entry> entries_;
};

}  // namespace cram::recipe
