// Random changes to text, for tests that whatever it holds ends well.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace cram::test {

class Mutator {
 public:
  // `pieces`: what the format of the text is made of. A text gets 1 to `most_changes` changes.
  Mutator(unsigned seed, std::vector<std::string> pieces, std::size_t most_changes)
      : random_(seed), pieces_(std::move(pieces)), most_changes_(most_changes) {}

  std::string mutate(std::string text) {
    for (std::size_t i = 1 + below(most_changes_); i > 0; --i) change(text);
    return text;
  }
  // Up to 200 bytes of anything.
  std::string noise() {
    std::string text;
    for (std::size_t size = below(200); size > 0; --size) text += static_cast<char>(random_());
    return text;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  void change(std::string& text) {
    const std::size_t place = below(text.size() + 1);
    const std::size_t size = std::min(below(20), text.size() - place);
    switch (below(5)) {
      case 0:
        text.insert(place, pieces_[below(pieces_.size())]);
        break;
      case 1:
        text.erase(place, size);
        break;
      case 2:
        text.insert(below(text.size() + 1), text.substr(place, size));
        break;
      case 3:
        text.replace(place, size, pieces_[below(pieces_.size())]);
        break;
      default:
        if (place < text.size()) text[place] = static_cast<char>(random_());
    }
  }

  std::mt19937 random_;
  std::vector<std::string> pieces_;
  std::size_t most_changes_;
};

}  // namespace cram::test
