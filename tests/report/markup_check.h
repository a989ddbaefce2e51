// A strict reader of the markup that our pages use: every element is closed in order, every
// attribute quoted, nothing raw in the text.
#pragma once

#include <cctype>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cram::report {

class MarkupCheck {
 public:
  // Throws std::runtime_error at the first thing that is not well-formed.
  static void check(std::string_view page) { MarkupCheck(page).run(); }

 private:
  explicit MarkupCheck(std::string_view page) : rest_(page) {
    constexpr std::string_view kDoctype = "<!DOCTYPE html>\n";
    if (rest_.starts_with(kDoctype)) rest_.remove_prefix(kDoctype.size());
  }

  void run() {
    while (!rest_.empty()) {
      check_text(rest_.substr(0, rest_.find('<')));
      if (!rest_.empty()) check_tag(take_until('>'));
    }
    if (!open_.empty()) fail("unclosed " + open_.back());
  }

  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }

  std::string_view take_until(char end) {
    const std::size_t place = rest_.find(end);
    if (place == std::string_view::npos) fail("unfinished tag");
    const std::string_view part = rest_.substr(0, place + 1);
    rest_.remove_prefix(place + 1);
    return part;
  }

  void check_text(std::string_view text) {
    rest_.remove_prefix(text.size());
    if (!open_.empty() && open_.back() == "style") return;
    if (text.find('>') != std::string_view::npos) fail("raw > in text");
    check_entities(text);
  }

  static void check_entities(std::string_view text) {
    for (std::size_t at = text.find('&'); at != std::string_view::npos;
         at = text.find('&', at + 1)) {
      const std::string_view entity = text.substr(at, text.find(';', at) - at + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" &&
          entity != "&#39;") {
        fail("raw & in text");
      }
    }
  }

  void check_tag(std::string_view tag) {
    if (tag.starts_with("</")) {
      if (open_.empty() || tag != "</" + open_.back() + ">") fail("wrong " + std::string(tag));
      open_.pop_back();
      return;
    }
    const bool is_empty = tag.ends_with("/>");
    std::string_view body = tag.substr(1, tag.size() - (is_empty ? 3 : 2));
    const std::string name(body.substr(0, body.find(' ')));
    if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0) fail("no name");
    check_attributes(body.substr(name.size()));
    if (!is_empty) open_.push_back(name);
  }

  static void check_attributes(std::string_view body) {
    while (!body.empty()) {
      const std::size_t value = body.find("=\"");
      if (body[0] != ' ' || value == std::string_view::npos) fail("attribute " + std::string(body));
      const std::size_t end = body.find('"', value + 2);
      if (end == std::string_view::npos) fail("unfinished attribute");
      check_entities(body.substr(value + 2, end - value - 2));
      body.remove_prefix(end + 1);
    }
  }

  std::string_view rest_;
  std::vector<std::string> open_;
};

}  // namespace cram::report
